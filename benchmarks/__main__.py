"""Run every benchmark of this folder. A `table` is printed and written beside the code; the rest only print.

    python -m benchmarks [--full] [NAME ...]

`--full` measures at the sizes that the design promises; without it the long ones are smaller.
"""

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Print the tables as Markdown, and keep each as benchmarks/NAME.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="Only these.")
    parser.add_argument("--full", action="store_true", help="At full size.")
    options = parser.parse_args()
    names = options.names or sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    failed = [name for name in names if not measured(name, options.full)]
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")


def measured(name: str, full: bool) -> bool:
    """Run one benchmark; whether it came to its end. One that cannot does not keep the others from it."""
    module = import_module(f"benchmarks.{name}")
    if hasattr(module, "table"):
        text = module.table(full=full)
        print(text, flush=True)
        (HERE / f"{name}.md").write_text(text, encoding="utf-8")
        return True
    if not hasattr(module, "main"):
        return True
    print(f"# {name}\n", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent).returncode == 0


if __name__ == "__main__":
    main()
