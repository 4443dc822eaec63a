"""The network: an encoder, and per category a reading of where the text states it.

One score per token and category says how much the token belongs to a clause that states the gap. The same scores are
the attention weights of that category's pooling (after Mullenbach et al. 2018, label-wise attention) and, marked
clauses supervising them, the evidence shown to people. Knows tensors; does not know text, files or thresholds.
"""

from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, DIRECTIONS
from training.data import ABSENT

UNMARKED = -100.0
"""Target of what the labels say nothing about: padding, tokens of a gap without marked clauses, `unspecified` where
only one of two stitched comments states it."""

ABSENT_SHARE = 0.1
"""Weight of token losses for categories the text does not state: there are about five of them to one that it does."""


class Output(TypedDict):
    """`logits` [batch, 6], `direction` [batch, 2, 3] (unknown, small, large), `evidence` [batch, sequence, 6]."""

    logits: Tensor
    direction: Tensor
    evidence: Tensor


class GapModel(nn.Module):
    """Token ids in, Output out. All scores are logits; calibration happens outside."""

    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.evidence = nn.Linear(width, len(CATEGORIES))
        self.gap = nn.Parameter(torch.empty(len(CATEGORIES), width))
        self.bias = nn.Parameter(torch.full((len(CATEGORIES),), -1.5))  # about one row in six states a given gap
        self.direction_focus = nn.Linear(width, len(DIRECTIONAL))
        self.direction = nn.Parameter(torch.empty(len(DIRECTIONAL), len(DIRECTIONS) + 1, width))
        self.direction_bias = nn.Parameter(torch.zeros(len(DIRECTIONAL), len(DIRECTIONS) + 1))
        for weight in (self.gap, self.direction):
            nn.init.normal_(weight, std=0.02)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Both inputs int64 [batch, sequence]; the mask is 1 on tokens and 0 on padding."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        hidden = self.dropout(hidden)
        evidence = self.evidence(hidden)
        directional = evidence[..., [CATEGORIES.index(category) for category in DIRECTIONAL]]
        # A direction is read where the gap is, but from other words: "too tight" is fit by both, small by one.
        scores = torch.cat([evidence, directional + self.direction_focus(hidden)], dim=-1)
        blocked = (attention_mask == 0).unsqueeze(-1)
        weights = scores.masked_fill(blocked, -1e4).softmax(dim=1)
        pooled = self.dropout(weights.transpose(1, 2) @ hidden)  # [batch, 6 + 2, width]
        gaps, turned = pooled.split([len(CATEGORIES), len(DIRECTIONAL)], dim=1)
        logits = (gaps * self.gap).sum(-1) + self.bias
        direction = (turned.unsqueeze(2) * self.direction).sum(-1) + self.direction_bias
        return Output(logits=logits, direction=direction, evidence=evidence)


def loss(output: Output, labels: dict[str, Tensor], evidence_weight: float, direction_weight: float) -> Tensor:
    """Binary cross entropy of the six, plus directions where a gap is, plus token evidence where clauses are marked.

    `labels`: `gaps` [batch, 6] floats with UNMARKED, `direction` [batch, 2] with ABSENT, `evidence`
    [batch, sequence, 6] with UNMARKED.
    """
    gaps, tokens = labels["gaps"], labels["evidence"]
    told = gaps != UNMARKED
    total = nn.functional.binary_cross_entropy_with_logits(output["logits"][told], gaps[told])
    if (labels["direction"] != ABSENT).any():
        directions = nn.functional.cross_entropy(
            output["direction"].flatten(0, 1), labels["direction"].flatten(), ignore_index=ABSENT
        )
        total = total + direction_weight * directions
    known = (tokens != UNMARKED).float()
    each = nn.functional.binary_cross_entropy_with_logits(output["evidence"], tokens.clamp(min=0), reduction="none")
    per_pair = (each * known).sum(1) / known.sum(1).clamp(min=1)  # mean over the tokens of one text and category
    weight = (known.sum(1) > 0) * torch.where(gaps > 0, 1.0, ABSENT_SHARE)
    return total + evidence_weight * (per_pair * weight).sum() / weight.sum().clamp(min=1)
