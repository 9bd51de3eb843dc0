"""Numbers that cost the caller and pay the called: what toll fraud dials. From national numbering plans and ITU-T E.164 lists."""

from __future__ import annotations

PREMIUM = (
    "+870",  # Inmarsat
    "+878",  # universal personal numbers
    "+881",  # satellite
    "+882",  # international networks
    "+883",
    "+979",  # international premium rate
    "+1900",  # North America
    "+1976",
    "+3166",  # Netherlands: paging
    "+31900",
    "+31906",
    "+31909",
    "+3290",  # Belgium
    "+3389",  # France
    "+34803",  # Spain
    "+34806",
    "+34807",
    "+34905",
    "+351760",  # Portugal
    "+351761",
    "+351762",
    "+358600",  # Finland
    "+358700",
    "+39166",  # Italy
    "+39892",
    "+39894",
    "+39895",
    "+39899",
    "+41900",  # Switzerland
    "+41901",
    "+41906",
    "+43900",  # Austria
    "+43901",
    "+43930",
    "+43931",
    "+4470",  # United Kingdom: personal numbers
    "+44871",
    "+44872",
    "+44873",
    "+449",
    "+4590",  # Denmark
    "+46900",  # Sweden
    "+46939",
    "+46944",
    "+4782",  # Norway
    "+4870",  # Poland
    "+49137",  # Germany
    "+49900",
    "+6119",  # Australia
    "+81990",  # Japan
)


def is_premium(number: str) -> bool:
    """Whether a number, in E.164, belongs to a range of premium rate."""
    return number.startswith(PREMIUM)
