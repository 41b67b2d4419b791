"""Reads the one configuration file and the secrets around it, and says in place and words what is wrong.

Secrets come from files before the environment before the YAML. A file that holds a secret and can be
read by others is refused. No error ever carries a secret's value.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml
from pydantic import ValidationError

from bot.config_model import Config, default_data_dir
from bot.config_problems import Origins, problem_of, shortened
from errors import ConfigError, Problem

ENVIRONMENT = {
    ("telegram", "token"): "SAEULENBOT_TELEGRAM_TOKEN",
    ("matrix", "password"): "SAEULENBOT_MATRIX_PASSWORD",
    ("matrix", "access_token"): "SAEULENBOT_MATRIX_ACCESS_TOKEN",
    ("http", "feed_token"): "SAEULENBOT_HTTP_FEED_TOKEN",
}
SECRET_FILES = {
    ("telegram", "token"): ("telegram", "token_file"),
    ("matrix", "password"): ("matrix", "password_file"),
    ("http", "feed_token"): ("http", "feed_token_file"),
}
READ_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
LARGEST_SECRET = 4_096

Raw = dict[Any, Any]


def load_config(
    path: Path | None = None, data_dir: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Config:
    """The checked configuration of a YAML file, or of no file: everything has a default.

    `data_dir` (from the command line) wins over the file. Raises ConfigError listing all problems.
    """
    raw = read_yaml(path) if path else {}
    base = path.absolute().parent if path else Path.cwd()
    origins = gather_secrets(raw, path, base, environment)
    raw["data_dir"] = str(data_dir.absolute()) if data_dir else raw.get("data_dir")
    if raw["data_dir"] is None:
        raw["data_dir"] = str(default_data_dir(environment))
    return validated(raw, base, str(path or ""), origins)


def validated(raw: Raw, base: Path, file: str = "", origins: Origins | None = None) -> Config:
    """The configuration of these values; paths are read from `base`. Raises ConfigError."""
    try:
        return Config.model_validate(raw, context={"base": base})
    except ValidationError as error:
        problems = [problem_of(dict(found), file, origins or {}) for found in error.errors(include_url=False)]
    raise ConfigError("config.unusable", problems, file=file or "-", count=len(problems))


def check_config(path: Path | None, environment: Mapping[str, str] = os.environ) -> list[Problem]:
    """Everything wrong with a configuration, and files it names that are not there (yet)."""
    try:
        config = load_config(path, None, environment)
    except ConfigError as error:
        return list(error.problems)
    return [
        Problem(str(path), f"sources.{number}.file", "config.no_file", {"path": str(source.file)})
        for number, source in enumerate(config.sources, start=1)
        if source.file and not source.file.is_file()
    ]


class StrictLoader(yaml.SafeLoader):
    """YAML in which a key stands once: a second one would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Raw:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise DuplicateKey(key.value, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class DuplicateKey(yaml.YAMLError):
    """The same key twice in one mapping."""

    def __init__(self, name: str, mark: yaml.Mark) -> None:
        super().__init__(name)
        self.name = name
        self.problem_mark = mark


def read_yaml(path: Path) -> Raw:
    """The mapping in a YAML file; raises ConfigError with line and column where it is broken."""
    try:
        raw = yaml.load(path.read_bytes(), StrictLoader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        refuse_file(path, "", "config.no_file", path=str(path))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError):
            refuse_file(path, "", "config.unreadable", reason=error.strerror or type(error).__name__)
        refuse_file(path, "", "config.broken_value")
    except (yaml.YAMLError, RecursionError) as error:
        refuse_yaml(path, error)
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        refuse_file(path, "", "config.expected_section")
    return raw


def refuse_yaml(path: Path, error: Exception) -> NoReturn:
    """The library's own message quotes the line, which may hold a secret: only the place is told."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        refuse_file(path, "", "config.not_yaml")
    where = {"line": mark.line + 1, "column": mark.column + 1}
    place = f"{mark.line + 1}:{mark.column + 1}"
    if isinstance(error, DuplicateKey):
        refuse_file(path, place, "config.duplicate_key", name=shortened(error.name), **where)
    refuse_file(path, place, "config.broken_yaml", **where)


def refuse_file(path: Path | str, place: str, key: str, /, **details: object) -> NoReturn:
    problem = Problem(str(path), place, key, details)
    raise ConfigError("config.unusable", [problem]) from None


def gather_secrets(raw: Raw, path: Path | None, base: Path, environment: Mapping[str, str]) -> Origins:
    """Puts each secret into `raw` where the YAML would have it; returns where those came from."""
    if path and holds_secret(raw):
        check_private(path, os.stat(path).st_mode)  # noqa: PTH116 - the file has just been read
    origins: Origins = {}
    for (section, name), variable in ENVIRONMENT.items():
        file_key = SECRET_FILES.get((section, name), ("", ""))[1]
        inside = raw.get(section)
        if inside is None and section == "telegram" and environment.get(variable):
            inside = raw[section] = {}
        if not isinstance(inside, dict):
            continue
        if isinstance(inside.get(file_key), str):
            inside[name] = read_secret(base, inside[file_key], path, f"{section}.{file_key}")
            origins[section, name] = str(path or ""), f"{section}.{file_key}"
        elif environment.get(variable):
            inside[name] = environment[variable].strip()
            origins[section, name] = "", variable
    return origins


def holds_secret(raw: Raw) -> bool:
    """Whether the YAML itself carries a token, a password, or a database address with one."""
    for section, name in ENVIRONMENT:
        inside = raw.get(section)
        if isinstance(inside, dict) and inside.get(name) is not None:
            return True
    return isinstance(raw.get("database"), str) and "@" in raw["database"]


def read_secret(base: Path, name: str, config: Path | None, place: str) -> str:
    """The stripped content of a small file that only its owner may read."""
    file = base / os.path.expanduser(name)  # noqa: PTH111 - Path.expanduser raises without a home
    try:
        with file.open("rb") as content:
            mode = os.fstat(content.fileno()).st_mode
            secret = content.read(LARGEST_SECRET).decode() if stat.S_ISREG(mode) else ""
    except FileNotFoundError:
        refuse_file(config or "", place, "config.no_secret_file")
    except OSError as error:
        refuse_file(config or "", place, "config.unreadable", reason=error.strerror or type(error).__name__)
    except ValueError:
        refuse_file(config or "", place, "config.not_text")
    check_private(file, mode)
    if not secret.strip():
        refuse_file(config or "", place, "config.empty_secret", path=str(file))
    return secret.strip()


def check_private(file: Path, mode: int) -> None:
    if mode & READ_BY_OTHERS:
        refuse_file(file, "", "config.readable_by_others", path=str(file), mode=f"{stat.S_IMODE(mode):04o}")
