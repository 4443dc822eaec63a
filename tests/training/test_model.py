"""training.model: shapes, padding that changes nothing, a loss that can be added up by hand."""

import math

import pytest
import torch
from torch import Tensor

from training import encoder
from training.config import Encoder, Scratch
from training.data import ABSENT
from training.model import ABSENT_SHARE, UNMARKED, GapModel, Output, loss

LN2, LN3 = math.log(2), math.log(3)


@pytest.fixture(scope="module")
def model() -> GapModel:
    torch.manual_seed(0)
    module, _ = encoder.load(Encoder(scratch=Scratch(vocabulary=60)), ["the jug is tiny", "rather grey"])
    return GapModel(module).eval()


def undecided(rows: int, tokens: int) -> Output:
    """Zeros: every probability one half, every direction one third."""
    return Output(logits=torch.zeros(rows, 6), direction=torch.zeros(rows, 2, 3), evidence=torch.zeros(rows, tokens, 6))


def targets(gaps: list[list[float]], direction: list[list[int]], tokens: int) -> dict[str, Tensor]:
    """Labels without any marked clause."""
    return {
        "gaps": torch.tensor(gaps),
        "direction": torch.tensor(direction),
        "evidence": torch.full((len(gaps), tokens, 6), UNMARKED),
    }


def test_outputs_have_the_shapes_of_the_contract(model: GapModel) -> None:
    ids = torch.tensor([[2, 6, 7, 3], [2, 8, 9, 3]])
    output = model(ids, torch.ones_like(ids))
    assert output["logits"].shape == (2, 6)
    assert output["direction"].shape == (2, 2, 3)
    assert output["evidence"].shape == (2, 4, 6)


def test_a_padded_row_reads_as_it_does_alone(model: GapModel) -> None:
    alone = model(torch.tensor([[2, 6, 3]]), torch.ones(1, 3, dtype=torch.long))
    ids = torch.tensor([[2, 6, 3, 0, 0], [2, 7, 8, 9, 3]])
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    padded = model(ids, mask)
    assert torch.allclose(padded["logits"][0], alone["logits"][0], atol=1e-5)
    assert torch.allclose(padded["direction"][0], alone["direction"][0], atol=1e-5)
    assert torch.allclose(padded["evidence"][0, :3], alone["evidence"][0], atol=1e-5)


def test_what_stands_behind_the_padding_does_not_matter(model: GapModel) -> None:
    mask = torch.tensor([[1, 1, 1, 0]])
    one, other = (model(torch.tensor([[2, 6, 3, last]]), mask)["logits"] for last in (0, 9))
    assert torch.allclose(one, other, atol=1e-5)


def test_an_untrained_model_expects_few_gaps(model: GapModel) -> None:
    ids = torch.tensor([[2, 6, 7, 3]])
    assert torch.all(model(ids, torch.ones_like(ids))["logits"] < 0)


def test_gaps_alone_cost_ln_2_when_undecided() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, 0]], [[ABSENT, ABSENT]], tokens=3)
    assert float(loss(undecided(1, 3), labels, 1.0, 0.3)) == pytest.approx(LN2)


def test_a_gap_of_which_the_labels_say_nothing_costs_nothing() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, UNMARKED]], [[ABSENT, ABSENT]], tokens=3)
    output = undecided(1, 3)
    output["logits"][0, 5] = 50.0
    assert float(loss(output, labels, 1.0, 0.3)) == pytest.approx(LN2)


def test_a_direction_adds_ln_3_times_its_weight() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, 0]] * 2, [[1, ABSENT], [ABSENT, ABSENT]], tokens=3)
    assert float(loss(undecided(2, 3), labels, 1.0, 0.3)) == pytest.approx(LN2 + 0.3 * LN3)


def test_marked_tokens_add_ln_2_times_their_weight() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, 0]], [[ABSENT, ABSENT]], tokens=2)
    labels["evidence"][0, :, 0] = torch.tensor([0.0, 1.0])
    assert float(loss(undecided(1, 2), labels, 0.5, 0.3)) == pytest.approx(LN2 + 0.5 * LN2)


def test_tokens_of_an_absent_category_weigh_a_tenth_of_those_of_a_stated_one() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, 0]], [[ABSENT, ABSENT]], tokens=1)
    labels["evidence"][0, 0, :2] = torch.tensor([1.0, 0.0])  # size_scale stated, texture not
    output = undecided(1, 1)
    output["evidence"][0, 0, 1] = 100.0  # wrong about texture, which costs 100; about size_scale ln 2
    expected = LN2 + (LN2 + ABSENT_SHARE * 100) / (1 + ABSENT_SHARE)
    assert float(loss(output, labels, 1.0, 0.3)) == pytest.approx(expected, rel=1e-4)


def test_tokens_that_are_not_marked_cost_nothing_whatever_the_model_says() -> None:
    labels = targets([[1.0, 0, 0, 0, 0, 0]], [[ABSENT, ABSENT]], tokens=2)
    labels["evidence"][0, 0, 0] = 1.0
    output = undecided(1, 2)
    before = float(loss(output, labels, 1.0, 0.3))
    output["evidence"][0, 1, 0] = 50.0  # padding of the marked category
    output["evidence"][0, :, 1:] = -50.0  # categories without a word about tokens
    assert float(loss(output, labels, 1.0, 0.3)) == pytest.approx(before)
    output["evidence"][0, 0, 0] = -50.0  # the marked token
    assert float(loss(output, labels, 1.0, 0.3)) == pytest.approx(LN2 + 50.0, rel=1e-4)


def test_the_loss_reaches_every_part_of_the_network(model: GapModel) -> None:
    ids = torch.tensor([[2, 6, 7, 3]])
    labels = targets([[1.0, 0, 0, 1.0, 0, 0]], [[1, 2]], tokens=4)
    labels["evidence"][0, :, 0] = torch.tensor([0.0, 1.0, 0.0, 0.0])
    loss(model(ids, torch.ones_like(ids)), labels, 1.0, 0.3).backward()  # type: ignore[no-untyped-call]
    silent = [name for name, weight in model.named_parameters() if weight.grad is None]
    model.zero_grad()
    assert silent == []
