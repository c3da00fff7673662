"""Every rule of the domain that is built is named by a test, and what is still to come is listed here."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
LAST = {"S": 23, "L": 24, "C": 9, "B": 12, "M": 20}
RULES = [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)]
RULES.append("P")
TO_COME = {
    "B9": "trust unlocks",
}
"""Rules whose commands and reads are not built yet, and what they wait for."""


def docstrings() -> list[str]:
    """What the tests say of themselves."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(TESTS.rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [ast.get_docstring(n) or "" for n in nodes if isinstance(n, kinds) and n.name.startswith("test_")]


def named(said: list[str]) -> set[str]:
    """The rules that docstrings name, ranges such as ``C1-C3`` included."""
    rules: set[str] = set()
    for text in said:
        for letter, first, last in re.findall(r"\b([SLCBM])(\d+)-[SLCBM]?(\d+)\b", text):
            rules |= {f"{letter}{n}" for n in range(int(first), int(last) + 1)}
        rules |= set(re.findall(r"\b(?:[SLCBM]\d+|P)\b", text))
    return rules


def test_every_rule_is_named_by_a_test_or_listed_as_to_come() -> None:
    """The list of what is missing is empty, and what is listed as to come is not there already."""
    there = named(docstrings()) & set(RULES)
    assert sorted(set(RULES) - there - set(TO_COME)) == []
    assert set(TO_COME) <= set(RULES)


def test_ranges_and_lists_of_rules_are_read() -> None:
    """What is found is what the docstrings say, and nothing more."""
    said = ["Rule: L4, C1-C3, section P.", "UTF8 and S3x", "Rule: B4-B6"]
    assert named(said) == {"L4", "C1", "C2", "C3", "P", "B4", "B5", "B6"}
