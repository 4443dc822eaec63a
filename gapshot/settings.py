"""Every setting gapshot reads from the environment, typed.

Knows names and defaults; does not open what they point to.
"""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gapshot.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parents[1]
"""gapshot is installed in place: its releases lie beside its packages."""


class Settings(BaseSettings):
    """The environment variables `GAPSHOT_…`; docs/operations.md lists them."""

    model_config = SettingsConfigDict(env_prefix="GAPSHOT_", frozen=True, env_ignore_empty=True)

    bundle: Path | None = Field(None, description="Folder of one bundle to serve; wins over the models folder.")
    models: Path = Field(REPOSITORY / "models", description="Folder of releases with the file `current`.")
    decision: Path | None = Field(None, description="JSON file with thresholds of your own.")
    taxonomy: Path | None = Field(None, description="TOML file with a taxonomy of your own.")
    threads: int | None = Field(None, ge=1, description="Inference threads; the CPUs granted if not set.")

    @classmethod
    def read(cls) -> "Settings":
        """The settings of this process. Raises SettingsError that names the variable and the reason."""
        try:
            return cls()
        except ValidationError as error:
            faults = "; ".join(f"GAPSHOT_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
            raise SettingsError(faults) from error
