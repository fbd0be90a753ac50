"""SPDX license expressions, as package manifests write them."""

import re

# Whether what was read allows it, and what is left to read.
Read = tuple[bool, list[str]]


def allows(expression: str, licenses: set[str]) -> bool:
    """Whether the expression can be satisfied with licenses of the set. What is no expression cannot."""
    tokens = re.findall(r"[()]|[^\s()]+", expression or "")
    # Cargo's old way of writing OR.
    tokens = [part for token in tokens for part in re.sub("/", " OR ", token).split()]
    try:
        result, rest = either(tokens, licenses)
    except IndexError:
        return False
    return result and not rest


def either(tokens: list[str], licenses: set[str]) -> Read:
    result, tokens = both(tokens, licenses)
    while tokens and tokens[0] == "OR":
        right, tokens = both(tokens[1:], licenses)
        result = result or right
    return result, tokens


def both(tokens: list[str], licenses: set[str]) -> Read:
    result, tokens = one(tokens, licenses)
    while tokens and tokens[0] == "AND":
        right, tokens = one(tokens[1:], licenses)
        result = result and right
    return result, tokens


def one(tokens: list[str], licenses: set[str]) -> Read:
    if tokens[0] == "(":
        result, tokens = either(tokens[1:], licenses)
        return result, tokens[1:] if tokens[0] == ")" else ["unclosed"]
    # An exception only adds to what a license permits.
    if tokens[1:2] == ["WITH"]:
        return tokens[0] in licenses, tokens[3:]
    return tokens[0] in licenses, tokens[1:]
