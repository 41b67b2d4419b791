"""Run every benchmark of this folder that has a table, print it, and write it beside the code.

    python -m benchmarks [--full] [NAME ...]

`--full` measures at the sizes that the design promises; without it the long ones are smaller.
"""

import argparse
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
    for name in names:
        module = import_module(f"benchmarks.{name}")
        if hasattr(module, "table"):
            text = module.table(full=options.full)
            print(text, flush=True)
            (HERE / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
