"""Reads CloudFormation templates."""

from pathlib import Path
from typing import Any

import yaml


def load(path: Path) -> dict[str, Any]:
    """A template with its short forms written out, as JSON has to have them."""

    class Loader(yaml.SafeLoader):
        pass

    def short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
        name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
        content: Any
        if isinstance(node, yaml.ScalarNode):
            content = loader.construct_scalar(node)
            if tag == "GetAtt":
                content = content.split(".", 1)
        elif isinstance(node, yaml.SequenceNode):
            content = loader.construct_sequence(node, deep=True)
        else:
            assert isinstance(node, yaml.MappingNode)
            content = loader.construct_mapping(node, deep=True)
        return {name: content}

    Loader.add_multi_constructor("!", short_form)
    # 2012-10-17 is a version here, not a date.
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text(), Loader)
