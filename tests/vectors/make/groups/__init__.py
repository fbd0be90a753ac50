"""The cases, in the order in which they are written."""

from groups import (
    algorithms,
    bit_flips,
    bodies,
    body_sizes,
    boundary_shift,
    header_names,
    missing,
    nonces,
    order_of_judgment,
    plain,
    repeated,
    secrets,
    signatures,
    signed_over_something_else,
    timestamps,
    window,
)

GROUPS = (
    plain,
    header_names,
    missing,
    repeated,
    order_of_judgment,
    boundary_shift,
    timestamps,
    signatures,
    nonces,
    bodies,
    body_sizes,
    secrets,
    signed_over_something_else,
    bit_flips,
    window,
    algorithms,
)
