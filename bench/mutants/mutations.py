"""Small faults to make in a module: one operator, constant, condition or statement at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Mutant", "mutants"]

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_FOR_TYPES = {"frozen", "kw_only", "slots"}
"""Of a class; whoever breaks them is stopped by pyright, not by a test."""
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    line: int
    was: str
    became: str
    source: str
    """The whole module with the fault."""


def mutants(source: str) -> Iterator[Mutant]:
    """Every fault there is to make, in the module's order. Types, texts for people and logging are left alone."""
    tree = ast.parse(source)
    for parent, field, node in list(_places(tree)):
        for other in _alternatives(node):
            _put(parent, field, node, other)
            yield Mutant(
                getattr(node, "lineno", 0), ast.unparse(node), ast.unparse(other), ast.unparse(_located(tree)) + "\n"
            )
            _put(parent, field, other, node)


def _located(tree: ast.Module) -> ast.Module:
    return ast.fix_missing_locations(tree)


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, ast.AST]]:
    """Every node that may be changed, with where it hangs."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.expr | ast.stmt | ast.comprehension | ast.keyword | ast.arguments | ast.arg):
                if _is_for_people_or_types(child):
                    continue
                yield node, field, child
                yield from _places(child)
            elif isinstance(child, ast.ExceptHandler | ast.withitem | ast.match_case):
                yield from _places(child)


def _is_for_people_or_types(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Expr):
        call = node.value
        logs = isinstance(call, ast.Call) and ast.unparse(call.func).startswith(("_log.", "logging."))
        return logs or isinstance(call, ast.Constant)
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    if isinstance(node, ast.keyword) and node.arg in _FOR_TYPES:
        return True
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"Literal", "Callable", "Annotated"}


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for number, op in enumerate(node.ops):
            ops = [*node.ops[:number], _SWAPS[type(op)](), *node.ops[number + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp):
        if type(node.op) in _SWAPS:
            yield ast.BinOp(node.left, _SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(_SWAPS[type(node.op)](), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield ast.Name(_NAMES[node.id], node.ctx)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)
    else:
        yield from _flipped(node)
        yield from _removed(node)


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 2 if value else 1.0)
    elif isinstance(value, str) and value.isidentifier():
        yield ast.Constant(value + "_")  # a word is a state or a name; longer texts are for people


def _flipped(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If):
        yield ast.If(_negated(node.test), node.body, node.orelse)
    elif isinstance(node, ast.While):
        yield ast.While(_negated(node.test), node.body, node.orelse)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(_negated(node.test), node.body, node.orelse)


def _negated(test: ast.expr) -> ast.expr:
    return (
        test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else ast.UnaryOp(ast.Not(), test)
    )


def _removed(node: ast.AST) -> Iterator[ast.AST]:
    nothing = ast.Pass()
    if isinstance(node, ast.Return):
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.AugAssign):
        if type(node.op) in _SWAPS:
            yield ast.AugAssign(node.target, _SWAPS[type(node.op)](), node.value)
        yield nothing
    elif isinstance(node, ast.Assign):
        if not isinstance(node.targets[0], ast.Name):
            yield nothing
    elif isinstance(node, ast.Expr | ast.Raise | ast.Delete | ast.Break | ast.Continue):
        yield nothing


def _put(parent: ast.AST, field: str, old: ast.AST, new: ast.AST) -> None:
    value = getattr(parent, field)
    if isinstance(value, list):
        value[next(n for n, child in enumerate(value) if child is old)] = new
    else:
        setattr(parent, field, new)
