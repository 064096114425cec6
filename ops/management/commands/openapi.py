"""`manage.py openapi -o FILE`: the API's OpenAPI document."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer


class Command(BaseCommand):
    """Write the document as YAML, or as JSON when the file ends so."""

    help = "Write the API's OpenAPI document."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def handle(self, *_args: Any, **given: Any) -> None:
        """Generate and write."""
        path: Path = given["output"]
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        renderer = OpenApiJsonRenderer() if path.suffix == ".json" else OpenApiYamlRenderer()
        path.write_bytes(renderer.render(schema, renderer_context={}))
        self.stdout.write(f"{path} {len(schema['paths'])} paths")
