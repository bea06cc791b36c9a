"""The law that forbids this sensor in European classrooms, as a check made before anything starts."""

from __future__ import annotations

from edge.errors import Problem

__all__ = ["REGION_UNSET", "refuse_prohibited_use"]

REGION_UNSET = (
    "site.region is not set, so the law of this place was not checked. In the EU and EEA inferring emotions in "
    "education is prohibited (AI Act, Article 5(1)(f)). Set site.region."
)

# fmt: off
_EU_AND_EEA = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    "IS", "LI", "NO",
    # Regions with a code of their own where the Union's law applies, and its other names for itself and Greece.
    "AX", "GF", "GP", "MF", "MQ", "RE", "YT", "EU", "EL",
}
# fmt: on


def refuse_prohibited_use(region: str | None, purpose: str) -> None:
    """Raise `Problem` where Article 5(1)(f) of the EU AI Act prohibits this use. `region` is an ISO 3166 code."""
    country = (region or "").partition("-")[0]
    if country in _EU_AND_EEA and purpose not in ("medical", "safety"):
        raise Problem(
            f"The sensor does not start: site.region is {region}. The EU AI Act, Article 5(1)(f), prohibits inferring "
            "emotions in education since 2 February 2025, except for medical or safety reasons. That only aggregates "
            "leave the room does not change it, because the inference is made on each face. "
            'Where such a reason applies, and counsel agrees, set site.purpose to "medical" or "safety".'
        )
