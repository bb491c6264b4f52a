"""`make vectors`: writes the mutants of every format to `tests/vectors/mutants/`."""

from tests.mutants.families import FAMILIES
from tests.mutants.family import FOLDER


def main() -> None:
    """Writes every file anew."""
    FOLDER.mkdir(exist_ok=True)
    for family in FAMILIES:
        family.path.write_text(family.written(), "ascii")


if __name__ == "__main__":
    main()
