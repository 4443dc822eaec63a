"""The HTTP application: what is built once, and the routes. Handlers parse, call and return.

intake    bytes -> raw comments          problems  what is wrong with a request
access    id, log line, count            metrics   what is counted        schemas  what OpenAPI says
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api import intake, problems, schemas
from api.access import Access
from api.metrics import CLIENT_GONE, CONTENT_TYPE, Metrics
from api.problems import PROBLEMS, RequestError, described
from gapshot.classifier import Classifier
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES

router = APIRouter()

_NOT_FACTS = (
    "version",
    "taxonomy",
    "categories",
    "files",
)  # of a manifest: said elsewhere, or of no use to a caller


@dataclass(frozen=True, slots=True)
class Service:
    """What all requests share, built once at start."""

    classifier: Classifier
    metrics: Metrics

    def identity(self) -> dict[str, str]:
        """The `model` of every answer: version of bundle and taxonomy."""
        return {"version": self.classifier.bundle.version, "taxonomy": self.classifier.taxonomy.version}


async def ready(request: Request) -> Service:
    """The service. Raises RequestError `not_ready` before it is built and after it is closed."""
    service: Service | None = request.app.state.service
    if service is None:
        raise RequestError("not_ready")
    return service


Ready = Annotated[Service, Depends(ready)]


@router.post(
    "/v1/classify",
    tags=["comments"],
    summary="Gaps, missing pictures and evidence of up to 256 comments",
    response_model=schemas.ClassifyResponse,
    responses=described(*(code for code in PROBLEMS if code not in ("not_found", "method_not_allowed"))),
)
async def classify(request: Request, service: Ready) -> Response:
    """A faulty comment gets `status: "error"`; its neighbours are answered all the same."""
    items = await intake.read_comments(request)
    request.state.comments = len(items)
    futures = [asyncio.wrap_future(service.classifier.submit(item)) for item in items]
    results = await asyncio.gather(*futures)
    service.metrics.classified(results)
    return JSONResponse({"model": service.identity(), "results": [result.as_dict() for result in results]})


@router.get(
    "/v1/taxonomy",
    tags=["facts"],
    summary="Categories, image types, verticals and the map between them",
    response_model=schemas.TaxonomyResponse,
    responses=described("not_ready", "internal_error"),
)
async def taxonomy(service: Ready) -> Response:
    """The taxonomy in force: the one that comes with gapshot, or the merchant's own."""
    return JSONResponse(service.classifier.taxonomy.as_dict())


@router.get(
    "/v1/model",
    tags=["facts"],
    summary="Which model answers, how it was made and how good it is",
    response_model=schemas.ModelResponse,
    responses=described("not_ready", "internal_error"),
)
async def model(service: Ready) -> Response:
    """Thresholds are those in force; `facts` and `metrics` are those of the bundle's card."""
    bundle, decision = service.classifier.bundle, service.classifier.decision
    answer: dict[str, Any] = service.identity() | {
        "languages": decision.languages,
        "max_tokens": decision.max_tokens,
        "thresholds": dict(zip(CATEGORIES, decision.threshold, strict=True)),
        "facts": {name: fact for name, fact in bundle.manifest.items() if name not in _NOT_FACTS},
        "metrics": bundle.metrics,
    }
    return JSONResponse(answer)


@router.get("/livez", tags=["operation"], summary="Is the process alive?", response_model=schemas.Health)
async def livez() -> Response:
    """Answers as long as the event loop turns."""
    return JSONResponse({"status": "live"})


@router.get(
    "/readyz",
    tags=["operation"],
    summary="Can it classify?",
    response_model=schemas.Health,
    responses=described("not_ready"),
)
async def readyz(_: Ready) -> Response:
    """503 until the bundle is loaded, and when the service stops."""
    return JSONResponse({"status": "ready"})


@router.get(
    "/metrics",
    tags=["operation"],
    summary="Counters for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(request.app.state.metrics.exposition(), media_type=CONTENT_TYPE)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Its lifespan loads the bundle, and raises GapshotError when that cannot be done."""
    app = FastAPI(
        title="gapshot",
        version=version("gapshot"),
        description="Why customers send things back, and which product picture would have prevented it.",
        lifespan=_lifespan,
        redirect_slashes=False,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.include_router(router)
    problems.install(app)
    routes = {route.endpoint: route.path for route in (*router.routes, *app.routes) if isinstance(route, Route)}
    statuses = {200, CLIENT_GONE, *(problem.status for problem in PROBLEMS.values())}
    app.state.settings, app.state.service = settings, None
    app.state.metrics = Metrics(routes.values(), sorted(statuses))
    app.add_middleware(Access, metrics=app.state.metrics, routes=routes)
    schemas.describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    metrics: Metrics = app.state.metrics
    with Classifier.load(settings=app.state.settings, observe=metrics.spent) as classifier:
        app.state.service = service = Service(classifier, metrics)
        metrics.serving(**service.identity())
        try:
            yield
        finally:
            app.state.service = None
