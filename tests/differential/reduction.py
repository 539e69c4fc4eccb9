"""Finds the part of an expression that differs."""


# What stands before a parenthesis without making a call.
TYPES = {'VARCHAR', 'CHAR', 'DECIMAL', 'TIMESTAMP', 'TIME', 'IN', 'OVER', 'FILTER'}


def closing(text, start):
    """Where the parenthesis or bracket at `start` closes; quoted texts are skipped."""
    depth, i = 0, start
    while i < len(text):
        if text[i] == "'":
            i = text.index("'", i + 1)
        else:
            depth += (text[i] in '([') - (text[i] in ')]')
            if depth == 0:
                return i
        i += 1
    return None


def parts(expression):
    """The calls and parenthesised expressions inside, the shortest first."""
    found, quoted = set(), False
    for i, char in enumerate(expression):
        quoted ^= char == "'"
        if quoted or char != '(':
            continue
        end = closing(expression, i)
        start = i
        while start and (expression[start - 1].isalnum() or expression[start - 1] == '_'):
            start -= 1
        part = expression[start:end + 1] if end else ''
        if part and part != expression and part[:i - start].upper() not in TYPES:
            found.add(part)
    return sorted(found, key=lambda part: (len(part), part))


