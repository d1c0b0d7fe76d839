"""`/docs`: the API described for people, made from its OpenAPI description. One page, no script, no outside asset."""

from __future__ import annotations

import json
from functools import lru_cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

router = APIRouter(include_in_schema=False)

_STYLE = """:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:62rem;margin:2rem auto;padding:0 1rem}
code,pre{font:0.9em ui-monospace,monospace}pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}
h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}
.method{font-weight:700;margin-right:.5rem}
"""


@router.get("/docs")
def get_docs(request: Request) -> HTMLResponse:
    """The description as a page."""
    return HTMLResponse(_render(json.dumps(request.app.openapi())), headers={"cache-control": "no-cache"})


@router.get("/docs/style.css")
def get_style() -> Response:
    """Its style; a style inside of the page is against the Content-Security-Policy."""
    return Response(_STYLE, media_type="text/css", headers={"cache-control": "no-cache"})


@lru_cache(maxsize=1)
def _render(text: str) -> str:
    api = json.loads(text)
    operations = [
        _operation(method, path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [_schema(name, schema) for name, schema in sorted(api["components"]["schemas"].items())]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Inkproof API</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs/style.css">'
        f"<h1>Inkproof API</h1>{_text(api['info']['description'])}"
        '<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>'
        f"{''.join(operations)}<h2>Messages</h2>{''.join(schemas)}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (item["name"], f"{item['in']}, {_type(item['schema'])}", item.get("description", ""))
        for item in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {})
    for kind, content in body.get("content", {}).items():
        rows.append(("body", f"{escape(kind)}, {_type(content['schema'])}", body.get("description", "")))
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values():
            schema = content.get("schema") or content.get("itemSchema", {})  # the latter of a stream of events
            rows.append((status, _type(schema), response.get("description", "")))
    return (
        f'<h2 id="{escape(operation["operationId"])}"><span class="method">{method.upper()}</span>'
        f"<code>{escape(path)}</code></h2>{_text(operation.get('description', operation.get('summary', '')))}"
        f"{_table(rows)}"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = []
    for key, value in schema.get("properties", {}).items():
        default = "" if key in required else f" Default: {json.dumps(value.get('default'))}."
        rows.append((key, _type(value), value.get("description", "") + default))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3>{_text(schema.get("description", ""))}{_table(rows)}'


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(_type(choice) for choice in schema[union])
    if "enum" in schema or "const" in schema:
        return " | ".join(f"<code>{escape(json.dumps(v))}</code>" for v in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    if kind == "array":
        inner = schema.get("items") or {}
        length = f"{schema.get('minItems', 0)}–{schema['maxItems']} " if "maxItems" in schema else ""
        parts = schema.get("prefixItems")
        return f"[{', '.join(_type(part) for part in parts)}]" if parts else f"list of {length}{_type(inner)}"
    limits = [
        f"{sign} {schema[key]:g}"
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
        if key in schema
    ]
    return escape(" ".join([kind, *limits]))


def _table(rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = (f"<tr><td><code>{escape(n)}</code><td>{kind}<td>{escape(text)}" for n, kind, text in rows)
    return f"<table>{''.join(lines)}</table>"


def _text(text: str) -> str:
    return "".join(f"<p>{escape(part)}" for part in text.split("\n\n") if part)
