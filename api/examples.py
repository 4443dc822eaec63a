"""The example of the documentation: a request, and the answer of the released bundle."""

from typing import Any

from gapshot.taxonomy import Taxonomy

REQUEST: dict[str, Any] = {
    "comments": [
        {
            "id": "r-17",
            "text": "Vase is tiny and more grey than blue",
            "sku": "VASE-S",
            "vertical": "home",
            "language": "en",
            "existing_images": ["hero_packshot", "in_context"],
        }
    ]
}

FAULTY: dict[str, Any] = {"comments": [{"id": 1, "text": "Too tight in the shoulders"}, {"id": 2, "text": None}]}
"""Two comments, one of them not readable: HTTP 200, the other is answered all the same."""


def answer() -> dict[str, Any]:
    """The answer to REQUEST by the bundle it names, under the taxonomy that comes with gapshot."""
    taxonomy = Taxonomy.load()

    def shot(image_type: str, category: str) -> dict[str, Any]:
        briefs = {r.image_type: r.brief for r in taxonomy.recommendations(category, "home")}
        real = taxonomy.image_types[image_type].requires_real_capture
        return {
            "image_type": image_type,
            "categories": [category],
            "brief": briefs[image_type],
            "requires_real_capture": real,
        }

    return {
        "model": {"version": "2026.11.1", "taxonomy": taxonomy.version},
        "results": [
            {
                "id": "r-17",
                "sku": "VASE-S",
                "status": "ok",
                "language": "en",
                "truncated": False,
                "gaps": [
                    {
                        "category": "colour",
                        "probability": 0.98,
                        "direction": None,
                        "missing_image": "true_colour_lighting",
                        "existing_status": "some_missing",
                        "evidence": [{"start": 17, "end": 36, "text": "more grey than blue"}],
                    },
                    {
                        "category": "size_scale",
                        "probability": 0.8715,
                        "direction": "small",
                        "missing_image": "scale_reference",
                        "existing_status": "some_missing",
                        "evidence": [{"start": 0, "end": 12, "text": "Vase is tiny"}],
                    },
                ],
                "scores": {
                    "size_scale": 0.8715,
                    "texture": 0.0051,
                    "colour": 0.98,
                    "fit": 0.0249,
                    "defect": 0.0162,
                    "unspecified": 0.0142,
                },
                "shots": [
                    shot("true_colour_lighting", "colour"),
                    shot("scale_reference", "size_scale"),
                    shot("dimension_overlay", "size_scale"),
                ],
                "actions": ["size_guide_copy"],
                "warnings": [],
                "error": None,
            }
        ],
    }
