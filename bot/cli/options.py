"""The options that many commands of the command line take."""

from pathlib import Path
from typing import Annotated, Any

import typer


def path_option(name: str, what: str) -> Any:
    """An option that names a file or folder. Whether it can be read is told by whoever reads it."""
    return typer.Option(name, help=what, show_default=False, readable=False)


ConfigOption = Annotated[Path | None, path_option("--config", "The configuration, one YAML file.")]
DataOption = Annotated[
    Path | None, path_option("--data", "The data directory, instead of the configured one.")
]
KnowledgeOption = Annotated[
    Path | None, path_option("--knowledge", "A directory with other knowledge entries.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
