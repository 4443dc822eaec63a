"""Behaviour by phenomenon: minimal pairs with the answers the guideline gives, classified by a bundle as it serves.

\b
    python -m training.behaviour                                 # the released bundle
    python -m training.behaviour runs/release/bundle --failures  # a candidate, and the cases it gets wrong

The cases are our own sentences (CheckList, Ribeiro et al. 2020) and never train: they show what a bundle can do, not
how often it must. docs/behaviour.md says what each phenomenon is. Knows the file of cases; does not know models.
"""

from pathlib import Path
from typing import Annotated, Any

import click
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gapshot.classifier import Classifier
from gapshot.errors import TableError
from gapshot.evaluate import parse_labels
from training.command import Command

CASES = Path(__file__).parent / "data" / "behaviour.jsonl"

Gaps = dict[str, str | None]  # category -> direction; None where it is unknown or not asked for


class Case(BaseModel):
    """One line of the file: `gaps` is all that `text` states; rows of one `pair` differ as little as can be."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    phenomenon: str = Field(pattern=r"^[a-z][a-z_]*$")
    text: str = Field(min_length=1)
    gaps: Annotated[Gaps, AfterValidator(parse_labels)]
    pair: int

    def passes(self, stated: Gaps) -> bool:
        """Whether exactly the right ones of the six are stated, each with the direction where this case gives one."""
        return stated.keys() == self.gaps.keys() and all(stated[c] == d for c, d in self.gaps.items() if d)


def read(path: Path = CASES) -> list[Case]:
    """The cases in the order of the file. Raises TableError that names the first line at fault, and the field."""
    cases = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            cases.append(Case.model_validate_json(line))
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            field = ".".join(map(str, fault["loc"])) or "the line"
            raise TableError(f"{path}, line {number}: {field}: {fault['msg']}; see docs/behaviour.md") from None
    return cases


def classified(classifier: Classifier, path: Path = CASES) -> list[tuple[Case, Gaps]]:
    """Every case with what the classifier states of it: each alone, in English, without a vertical."""
    cases = read(path)
    results = classifier.classify({"text": case.text, "language": "en"} for case in cases)
    stated = [{gap.category: gap.direction for gap in result.gaps} for result in results]
    return list(zip(cases, stated, strict=True))


def rates(classifier: Classifier, path: Path = CASES) -> dict[str, dict[str, Any]]:
    """The `figures` of one classifier."""
    return figures(classified(classifier, path))


def figures(found: list[tuple[Case, Gaps]]) -> dict[str, dict[str, Any]]:
    """Of each phenomenon and of `all`: cases, passed, pass_rate (0 to 1), pairs, pairs_passed (every row right)."""
    rows: dict[str, dict[str, Any]] = {}
    for name in [*dict.fromkeys(case.phenomenon for case, _ in found), "all"]:
        group = [(case, case.passes(stated)) for case, stated in found if name in (case.phenomenon, "all")]
        passed, pairs = sum(right for _, right in group), {case.pair for case, _ in group}
        good = len(pairs - {case.pair for case, right in group if not right})
        rows[name] = {"cases": len(group), "passed": passed, "pass_rate": round(passed / max(1, len(group)), 4)}
        rows[name] |= {"pairs": len(pairs), "pairs_passed": good}
    return rows


@click.command(cls=Command, help=__doc__)
@click.argument("bundle", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--failures", is_flag=True, help="List the cases that did not pass.")
def main(bundle: Path | None, failures: bool) -> None:
    with Classifier.load(bundle) as classifier:
        found = classified(classifier, CASES)
    view = Table("phenomenon", "cases", "passed", "pass rate", "pairs", "pairs passed")
    for name, row in figures(found).items():
        view.add_row(name, *(f"{v:.1%}" if key == "pass_rate" else str(v) for key, v in row.items()))
    wrong = Table("phenomenon", "pair", "wanted", "stated", "text")
    for case, stated in [(case, stated) for case, stated in found if not case.passes(stated)]:
        said = (" ".join(f"{c}:{d}" if d else c for c, d in gaps.items()) or "none" for gaps in (case.gaps, stated))
        wrong.add_row(case.phenomenon, str(case.pair), *said, escape(case.text))
    Console().print(view, *([wrong] if failures else []))


if __name__ == "__main__":
    main()
