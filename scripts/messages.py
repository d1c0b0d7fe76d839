"""Keep the Chinese of what the server says: web/src/messages.zh.json, one line for each English template.

python scripts/messages.py            write it anew: new templates come with an empty Chinese, dead ones go
python scripts/messages.py --check    exit with 1 if a template has no Chinese, or a Chinese no template

Messages are written once, in English, where they are raised. This reads them from the syntax tree: what goes into an
error (message and hint), into a `message` or `problem` of a record, and into an answer of the server. `{0}` stands for
a value; where the code chooses between words, each choice makes a template. What src/inkproof/cli says stays in the
terminal.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "inkproof"
TRANSLATIONS = ROOT / "web" / "src" / "messages.zh.json"

_LEFT_OUT = SOURCE / "cli"
# Calls that carry texts, and which of their arguments these are; the package's own errors carry the first two.
_CARRIERS = {"ValueError": (0,), "HTTPException": (1,), "error_response": (2, 3)}
_NAMES = {"message", "hint", "problem", "_problem"}
_HOLE = "\0"

# What others say inside of our sentences: the system about files, pydantic about values.
_SYSTEM = (
    *("Permission denied", "File exists", "Input/output error", "Is a directory", "No such file or directory"),
    *("No space left on device", "Not a directory", "Operation not permitted", "Read-only file system"),
    *("Connection refused", "Connection timed out"),
)
_VALUE_ERRORS = (
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "literal_error"),
    *("int_type", "int_parsing", "int_parsing_size", "int_from_float", "float_type", "float_parsing"),
    *("bool_type", "bool_parsing", "string_type", "string_too_short", "string_too_long", "string_pattern_mismatch"),
    *("list_type", "dict_type", "model_attributes_type", "too_short", "too_long"),
)
_CHOICES = "'{0}' or '{1}'"  # as pydantic joins what a setting may be


class Module:
    """The templates of one module, gathered in the order of its lines.

    Args:
        tree: Its syntax tree.
        errors: Names of the classes of errors whose first two arguments are texts.
    """

    def __init__(self, tree: ast.Module, errors: set[str]) -> None:
        self.templates: list[str] = []
        self._carriers = {**dict.fromkeys(errors, (0, 1)), **_CARRIERS}
        self._constants = {name: [value] for name, value in _assignments(tree.body)}
        self._functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._scope: ast.AST = tree
        self._open: list[str] = []
        self._gather(tree)

    def _gather(self, node: ast.AST) -> None:
        """Find what carries texts; the innermost function is where its names are looked up."""
        outer = self._scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._scope = node
        for carried, end in self._carried(node):
            for text in self._read(carried):
                self._add(text + end)
        for child in ast.iter_child_nodes(node):
            self._gather(child)
        self._scope = outer

    def _carried(self, node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
        if isinstance(node, ast.Call):
            places = self._carriers.get(_name_of(node.func), ())
            end = "." if _name_of(node.func) == "HTTPException" else ""  # the envelope makes it a sentence
            yield from ((node.args[place], end) for place in places if place < len(node.args))
            yield from ((word.value, "") for word in node.keywords if word.arg in _NAMES)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from ((value, "") for name, value in _assignments([node]) if name in _NAMES)

    def _add(self, text: str) -> None:
        text = _number(text)
        if re.search(r"[A-Za-z]", re.sub(r"\{\d+\}", "", text)) and text not in self.templates:
            self.templates.append(text)

    def _read(self, node: ast.expr) -> list[str]:
        """Every text that an expression can be, with holes; none if it is no text of this module."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return ["".join(texts) for texts in product(*map(self._read_part, parts))]
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return [first + second for first, second in product(self._fill(left), self._fill(right))]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._fill(body), *self._fill(orelse)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self._fill(value)]
            case ast.Call(func=ast.Attribute(value=value, attr="replace")):
                return self._read(value)
            case ast.Call(func=ast.Attribute(value=value, attr="strip")):
                texts = [text.strip() for text in self._read(value)]
                return [*texts, *(re.sub(rf"\s+{_HOLE}$", "", text) for text in texts)]  # the last may be empty
            case ast.Call(func=function) if (name := _name_of(function)) in self._functions:
                return self._read_all(name, self._returned(self._functions[name]), self._functions[name])
            case ast.Name(id=name):
                assigned = [value for found, value in _assignments(_statements(self._scope)) if found == name]
                return self._read_all(name, assigned or self._constants.get(name, []), self._scope)
        return []

    def _fill(self, node: ast.expr) -> list[str]:
        return self._read(node) or [_HOLE]

    def _read_part(self, part: ast.expr) -> list[str]:
        """A part of an f-string: a value is a hole, but words that the code chooses are part of the sentence."""
        if not isinstance(part, ast.FormattedValue):
            return self._read(part)
        is_constant = isinstance(part.value, ast.Name) and part.value.id.isupper()  # a file's name, an example
        return [_HOLE] if is_constant else self._fill(part.value)

    def _read_all(self, name: str, values: list[ast.expr], scope: ast.AST) -> list[str]:
        """The texts of what a name stands for, unless it is being read already: a text may be made from itself."""
        if name in self._open:
            return []
        self._open.append(name)
        outer, self._scope = self._scope, scope
        texts = [text for value in values for text in self._fill(value)]
        self._scope = outer
        self._open.remove(name)
        return list(dict.fromkeys(texts))

    @staticmethod
    def _returned(function: ast.FunctionDef) -> list[ast.expr]:
        return [node.value for node in _statements(function) if isinstance(node, ast.Return) and node.value]


def _number(text: str) -> str:
    """Number the holes: `{0}`, `{1}`, …; two side by side are one."""
    first, *others = re.split(f"{_HOLE}+", text)
    return first + "".join(f"{{{number}}}{part}" for number, part in enumerate(others))


def _name_of(function: ast.expr) -> str:
    """`f` for the function `f` and for the method `self.f`."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self":
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _statements(function: ast.AST) -> Iterator[ast.AST]:
    """What a function does, without the functions inside of it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _statements(child)


def _assignments(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Names and what they become: `a = …`, `self.a = …`, `a, b = …, …`, `a: str = …`."""
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            else:
                pairs = [(target, node.value)]
            for place, value in pairs:
                if isinstance(place, ast.Name | ast.Attribute):
                    yield (place.id if isinstance(place, ast.Name) else place.attr), value


def find_templates() -> list[str]:
    """The English templates of everything that the server can say, by module and line, each once."""
    tree = ast.parse((SOURCE / "errors.py").read_text("utf-8"))
    errors = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    found: dict[str, None] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if not path.is_relative_to(_LEFT_OUT):
            found.update(dict.fromkeys(Module(ast.parse(path.read_text("utf-8")), errors).templates))
    return [*found, *_foreign()]


def _foreign() -> Iterator[str]:
    """What others say inside of our sentences, begun with a small letter as we quote it."""
    from pydantic_core._pydantic_core import list_all_errors

    templates: dict[str, str] = {error["type"]: error["message_template_python"] for error in list_all_errors()}
    for kind in _VALUE_ERRORS:
        text = templates[kind]
        for plural in ["", "s"] if "{expected_plural}" in text else [""]:
            yield _number(re.sub(r"\{\w+\}", _HOLE, text[0].lower() + text[1:].replace("{expected_plural}", plural)))
    yield _CHOICES
    yield from _SYSTEM


def read_translations() -> dict[str, str]:
    """English templates and their Chinese, as they are kept."""
    translations: dict[str, str] = json.loads(TRANSLATIONS.read_text("utf-8")) if TRANSLATIONS.exists() else {}
    return translations


def find_faults() -> list[str]:
    """What is wrong with the translations, a line each: missing, stale, or with other holes than the English."""
    translations, templates = read_translations(), find_templates()
    faults = [f"has no Chinese: {text!r}" for text in templates if not translations.get(text)]
    faults += [f"is said no more: {text!r}" for text in translations if text not in templates]
    return faults + [
        f"has other holes in Chinese: {text!r}"
        for text, chinese in translations.items()
        if chinese and sorted(re.findall(r"\{\d+\}", text)) != sorted(re.findall(r"\{\d+\}", chinese))
    ]


def main() -> int:
    """Write the file anew or check it."""
    if "--check" not in sys.argv[1:]:
        known = read_translations()
        kept = {text: known.get(text, "") for text in find_templates()}
        TRANSLATIONS.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
    faults = find_faults()
    print("\n".join(faults) or "Everything that the server says has its Chinese.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
