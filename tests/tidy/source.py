"""Reads a C++ file well enough to check its shape: text without comments and literals, blocks, and
what stands at namespace scope. Not a parser; the rules built on it are tried on planted faults."""

import re
from dataclasses import dataclass, field

LITERALS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"""
    r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
CONTROL = re.compile(r"\b(?:if|for|while|switch|catch|else|do|try|return|case|default)\b[^;{}]*$")
DIGIT_SEPARATOR = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")


def blank(match):
    """Replaces a match by spaces, line ends kept, so that positions stay true."""
    return re.sub(r"[^\n]", " ", match.group(0))


def without_literals(text):
    """The text with comments and the insides of literals blanked."""
    text = DIGIT_SEPARATOR.sub("_", text)

    def replace(match):
        found = match.group(0)
        if found.startswith(("//", "/*")):
            return blank(match)
        inner = re.sub(r"[^\n]", " ", found[1:-1])
        return '"' + inner + '"' if len(found) >= 2 else found

    return LITERALS.sub(replace, text)


@dataclass
class Block:
    kind: str  # namespace, type, function, or other
    header: str
    start: int  # offset of the header
    open: int  # offset of '{'
    close: int = -1
    outer: "Block | None" = None
    statements: list = field(default_factory=list)  # (offset, text) that end in ';' directly inside


def kind_of(header, outer):
    if outer is not None and outer.kind in ("function", "other"):
        return "other"
    if re.search(r"\bTEST_SUITE\(", header):
        return "namespace"
    if re.search(r"\bnamespace\b[^=()]*$", header) or re.fullmatch(r'\s*extern\s+"\s*"\s*', header):
        return "namespace"
    if re.search(r"\b(?:class|struct|union|enum)\b[^()=;]*$", header):
        return "type"
    if header.rstrip().endswith(("=", ",", "return")):
        return "other"
    if re.search(r"\)\s*(?:noexcept\s*)?:(?!:)", header) and not CONTROL.search(header):
        # A constructor's list: `a_{1}` opens a member's initialiser, `a_(1) {` the body.
        return "function" if header.rstrip().endswith((")", "}")) else "other"
    if ")" in header and not CONTROL.search(header):
        return "function"
    return "other"


def blocks(text):
    """Every brace block of a text without literals, outer ones first, and the file as the root."""
    code = PREPROCESSOR.sub(blank, text)
    root = Block("namespace", "", 0, -1)
    found = [root]
    stack = [root]
    begin = 0  # where the current statement begins
    parens = 0
    for i, char in enumerate(code):
        if char in "([":
            parens += 1
        elif char in ")]":
            parens -= 1
        elif char == "{":
            header = code[begin:i]
            block = Block("other" if parens > 0 else kind_of(header, stack[-1]), header, begin, i,
                          outer=stack[-1])
            found.append(block)
            stack.append(block)
            if parens == 0 or block.kind != "other":
                begin = i + 1
            block.parens = parens
            parens = 0
        elif char == "}" and len(stack) > 1:
            block = stack.pop()
            block.close = i
            parens = block.parens
            # An initialiser's braces belong to the statement around them.
            begin = block.start if block.kind == "other" or parens > 0 else i + 1
        elif char == ";" and parens == 0:
            stack[-1].statements.append((begin, code[begin:i]))
            begin = i + 1
    root.close = len(code)
    return found


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def first_code(text, offset):
    """The offset of the first character at or after `offset` that is no space."""
    while offset < len(text) and text[offset].isspace():
        offset += 1
    return offset
