"""What OpenAPI says about requests and answers.

Knows shapes and limits. Nothing is parsed with these models: the intake reads requests and the classifier
comments, so that a fault can be told without repeating what was sent.
"""

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from api import examples
from api.intake import MAX_COMMENTS
from gapshot.result import Status
from gapshot.shots import ExistingStatus
from gapshot.text import MAX_CHARACTERS

_REF = "#/components/schemas/{model}"

CategoryId = Literal["size_scale", "texture", "colour", "fit", "defect", "unspecified"]
Direction = Literal["small", "large"]


class CommentIn(BaseModel):
    """One comment. Only `text` is required; other fields than these are ignored."""

    text: str = Field(max_length=MAX_CHARACTERS, description="What the customer typed, as typed.")
    id: str | int | None = Field(None, description="Comes back unchanged.")
    sku: str | None = Field(None, description="Comes back unchanged.")
    vertical: str | None = Field(None, description="Chooses the pictures; an unknown one uses the default.")
    language: str | None = Field(None, description="BCP-47 tag, its primary part counts; wins over detection.")
    existing_images: list[str] | None = Field(
        None,
        description="Image types on the product page; unknown ones are named in `warnings`.",
    )


class ClassifyRequest(BaseModel):
    """A request: an object with the list `comments` and nothing else."""

    model_config = ConfigDict(extra="forbid")
    comments: list[CommentIn] = Field(min_length=1, max_length=MAX_COMMENTS)


class Identity(BaseModel):
    """Which model and taxonomy answered."""

    version: str
    taxonomy: str


class EvidenceOut(BaseModel):
    """A clause that states the gap; offsets in code points of the text as sent, `end` exclusive."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class GapOut(BaseModel):
    """An expectation gap the comment states."""

    category: CategoryId
    probability: float = Field(ge=0, le=1, description="Calibrated, four decimals.")
    direction: Direction | None = Field(description="Of size_scale and fit, where the comment gives one.")
    missing_image: str | None = Field(description="First missing image type; null: all exist or none helps.")
    existing_status: ExistingStatus = Field(description="`unknown`: nobody said which pictures exist.")
    evidence: list[EvidenceOut]


class ShotOut(BaseModel):
    """A picture to take."""

    image_type: str
    categories: list[CategoryId] = Field(description="Every gap this picture is for.")
    brief: str = Field(description="What a photographer needs to know.")
    requires_real_capture: bool = Field(description="A generated picture will not do.")


class FaultOut(BaseModel):
    """What is wrong with one comment."""

    code: Literal[
        "not_an_object", "text_missing", "text_not_string", "text_too_long", "lone_surrogate", "invalid_field"
    ]
    message: str


class ResultOut(BaseModel):
    """The answer for one comment, in the place the comment had."""

    id: str | int | None
    sku: str | None
    status: Status
    language: str | None
    truncated: bool = Field(description="The comment was longer than the model reads.")
    gaps: list[GapOut] = Field(description="By falling probability.")
    scores: dict[CategoryId, float] | None = Field(description="Every category; null when nothing was read.")
    shots: list[ShotOut] = Field(description="First choices of all gaps, then second ones, and so on.")
    actions: list[str] = Field(description="What to do beside pictures.")
    warnings: list[str]
    error: FaultOut | None


class ClassifyResponse(BaseModel):
    """One result per comment, in order."""

    model: Identity
    results: list[ResultOut]


class CategoryOut(BaseModel):
    """What a comment can state."""

    id: CategoryId
    name: str
    definition: str
    actions: list[str]
    priority: Literal["normal", "low"]
    directions: list[Direction]


class ImageTypeOut(BaseModel):
    """A kind of product picture."""

    id: str
    definition: str
    platform_terms: list[str]
    requires_real_capture: bool


class DefinitionOut(BaseModel):
    """An action or a vertical."""

    id: str
    definition: str


class RecommendationOut(BaseModel):
    """An image type with the photographer's brief."""

    image_type: str
    brief: str


class TaxonomyResponse(BaseModel):
    """The whole taxonomy; see docs/taxonomy.md."""

    version: str
    categories: list[CategoryOut]
    image_types: list[ImageTypeOut]
    actions: list[DefinitionOut]
    verticals: list[DefinitionOut]
    map: dict[CategoryId, dict[str, list[RecommendationOut]]] = Field(
        description="Category, vertical, image types best first; a vertical that is absent uses `default`."
    )


class ModelResponse(Identity):
    """The model that answers."""

    languages: list[str] = Field(description="Primary language tags the model reads.")
    max_tokens: int = Field(description="What it reads of a comment.")
    thresholds: dict[CategoryId, float] = Field(description="Probability from which a gap is stated.")
    facts: dict[str, Any] = Field(description="How the bundle was made.")
    metrics: dict[str, Any] = Field(description="How good it is on held-out comments.")


class Health(BaseModel):
    """The answer of a probe."""

    status: Literal["live", "ready"]


class Problem(BaseModel):
    """A request refused as a whole (RFC 9457). Never repeats what was sent."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; docs/http.md lists them all.")
    detail: str = Field(description="What to do.")


_CLASSIFY_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": _REF.format(model="ClassifyRequest")},
            "examples": {
                "vase": {"summary": "A comment with all it can carry", "value": examples.REQUEST},
                "faulty": {"summary": "One of two comments cannot be read", "value": examples.FAULTY},
            },
        }
    },
}


def describe(app: FastAPI) -> None:
    """Complete the application's OpenAPI document, which FastAPI keeps and serves.

    It lacks what no handler's signature mentions (the classify route reads bytes), and FastAPI would drop every null
    of an example.
    """
    models: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (ClassifyRequest, "validation"),
        (Problem, "validation"),
    ]
    _, definitions = models_json_schema(models, ref_template=_REF)
    document = app.openapi()
    schemas = document["components"]["schemas"]
    schemas.update(definitions["$defs"])
    schemas["ClassifyResponse"]["example"] = examples.answer()
    document["paths"]["/v1/classify"]["post"]["requestBody"] = _CLASSIFY_BODY
