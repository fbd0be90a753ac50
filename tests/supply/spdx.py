"""SPDX licence expressions, as package manifests write them."""

import re

# Whether what was read allows it, and what is left to read.
Read = tuple[bool, list[str]]


def allows(expression: str, licences: set[str]) -> bool:
    """Whether the expression can be satisfied with licences of the set. What is no expression cannot."""
    tokens = re.findall(r"[()]|[^\s()]+", expression or "")
    # Cargo's old way of writing OR.
    tokens = [part for token in tokens for part in re.sub("/", " OR ", token).split()]
    try:
        result, rest = either(tokens, licences)
    except IndexError:
        return False
    return result and not rest


def either(tokens: list[str], licences: set[str]) -> Read:
    result, tokens = both(tokens, licences)
    while tokens and tokens[0] == "OR":
        right, tokens = both(tokens[1:], licences)
        result = result or right
    return result, tokens


def both(tokens: list[str], licences: set[str]) -> Read:
    result, tokens = one(tokens, licences)
    while tokens and tokens[0] == "AND":
        right, tokens = one(tokens[1:], licences)
        result = result and right
    return result, tokens


def one(tokens: list[str], licences: set[str]) -> Read:
    if tokens[0] == "(":
        result, tokens = either(tokens[1:], licences)
        return result, tokens[1:] if tokens[0] == ")" else ["unclosed"]
    # An exception only adds to what a licence permits.
    if tokens[1:2] == ["WITH"]:
        return tokens[0] in licences, tokens[3:]
    return tokens[0] in licences, tokens[1:]
