#!/usr/bin/env python3
"""Checks the rules on what may include what, and where exceptions may appear.

  check_layers.py [ROOT]

Reads cmake/layers.txt (the order of the folders of src/) and the pallas_* calls in the CMakeLists.txt
files. Reports, as file:line: message,
  - an include of a folder that cmake/layers.txt puts above, or of one outside the library's DEPS;
  - a cycle between libraries;
  - a DuckDB header outside src/engine/duckdb;
  - throw, try or catch outside the borders listed below;
  - a source file that belongs to no target, and a target that names a file that does not exist.
Exits with 1 if there is anything to report.
"""
import fnmatch
import os
import re
import sys

# Where exceptions end. CONTRIBUTING.md says why each is on the list.
EXCEPTION_BORDERS = [
    'src/engine/duckdb/boundary.h',
    'src/engine/duckdb/boundary.cc',
    'src/engine/duckdb/functions/*',
    'src/connectors/*/connection.cc',
    'src/api/error_response.cc',
    'src/sdk/protocol/error_json.cc',
    'src/cli/main.cc',
]
# Entry functions of threads: only `catch (...)`.
THREAD_ENTRIES = [
    'src/base/thread_pool.cc',
]

FUNCTIONS = ('pallas_library', 'pallas_test', 'pallas_binary', 'pallas_program', 'pallas_bench', 'pallas_fuzz')
KEYWORDS = {'SOURCES', 'DEPS', 'THIRD_PARTY', 'TESTS', 'TEST_DEPS', 'TEST_THIRD_PARTY', 'PCH', 'PCH_FROM', 'ARGS',
            'TIMEOUT', 'LABELS', 'CORPUS'}
SOURCE_FOLDERS = ('src', 'tests', 'bench', 'fuzz')


class Layers:
    """The chain and its branches, as cmake/layers.txt has them."""

    def __init__(self, path):
        self.height, self.kind, self.extra = {}, {}, {}
        number = 0
        line_form = re.compile(r'(layer|branch) ([a-z0-9_/*]+)(?: on ([a-z0-9_]+))?(?: \+ ([a-z0-9_/* ]+))?$')
        with open(path) as lines:
            for line in lines:
                line = line.rstrip('\n')
                if not line or line.startswith('#'):
                    continue
                match = line_form.match(line)
                if not match:
                    sys.exit(f'{path}: cannot read the line: {line}')
                kind, name, base, extra = match.groups()
                if kind == 'layer':
                    number += 1
                self.height[name] = number if kind == 'layer' else self.height[base]
                self.kind[name] = kind
                self.extra[name] = set((extra or '').split())

    def of(self, path):
        """The name of the line that the file below src/ belongs to, with its folder; None if there is none."""
        parts = path.split('/')[:-1]
        for length in range(len(parts), 0, -1):
            folder = '/'.join(parts[:length])
            if folder in self.height:
                return folder, folder
            pattern = '/'.join(parts[:length - 1] + ['*'])
            if length > 1 and pattern in self.height:
                return pattern, folder
        return None

    def allows(self, source, target):
        """Whether a file of `source` may include one of `target`; both as of() gives them."""
        (source_name, source_folder), (target_name, target_folder) = source, target
        if source_folder == target_folder:
            return True
        if target_name in self.extra[source_name]:
            return True
        if self.kind[target_name] != 'layer':
            return False
        if self.kind[source_name] == 'branch':
            return self.height[target_name] <= self.height[source_name]
        return self.height[target_name] < self.height[source_name]


class Library:
    def __init__(self, name, where):
        self.name, self.where = name, where
        self.sources, self.deps = set(), set()


def cmake_calls(text):
    """The pallas_* calls of a CMakeLists.txt, as (function, [words])."""
    text = re.sub(r'#[^\n]*', '', text)
    for match in re.finditer(r'\b(' + '|'.join(FUNCTIONS) + r')\s*\(([^)]*)\)', text):
        yield match.group(1), re.findall(r'"[^"]*"|\S+', match.group(2))


def read_targets(root, problems):
    """All targets: name -> Library. A library's tests are a target of their own."""
    targets = {}
    for top in SOURCE_FOLDERS:
        for folder, _, files in os.walk(os.path.join(root, top)):
            if 'CMakeLists.txt' not in files:
                continue
            where = os.path.relpath(folder, root)
            with open(os.path.join(folder, 'CMakeLists.txt')) as file:
                text = file.read()
            for function, words in cmake_calls(text):
                name, fields, keyword = words[0], {}, None
                for word in words[1:]:
                    if word in KEYWORDS:
                        keyword = word
                    else:
                        fields.setdefault(keyword, []).append(word.strip('"'))
                target = targets.setdefault(name, Library(name, where))
                target.sources |= sources_of(root, where, fields.get('SOURCES', []) + fields.get('PCH', []), problems)
                target.deps |= set(fields.get('DEPS', []))
                if 'TESTS' in fields:
                    test = targets.setdefault(name + '_test', Library(name + '_test', where))
                    test.sources |= sources_of(root, where, fields['TESTS'], problems)
                    test.deps |= {name} | set(fields.get('TEST_DEPS', []))
    return targets


def sources_of(root, where, names, problems):
    result = set()
    for name in names:
        if '$' in name:
            continue
        path = os.path.normpath(os.path.join(where, name))
        if not os.path.exists(os.path.join(root, path)):
            problems.append(f'{where}/CMakeLists.txt:1: there is no file {name}')
        result.add(path)
    return result


def closure(targets, name, seen=None):
    seen = set() if seen is None else seen
    if name not in seen:
        seen.add(name)
        for dep in targets[name].deps if name in targets else ():
            closure(targets, dep, seen)
    return seen


def find_cycles(targets, problems):
    done, path = set(), []

    def visit(name):
        if name in path:
            problems.append('cmake: a cycle between libraries: ' + ' -> '.join(path[path.index(name):] + [name]))
            return
        if name in done or name not in targets:
            return
        path.append(name)
        for dep in sorted(targets[name].deps):
            visit(dep)
        path.pop()
        done.add(name)

    for name in sorted(targets):
        visit(name)


def owners(targets, path):
    """The targets that a file belongs to: those that list it; a header belongs to those that list its source,
    else to the libraries of the nearest folder that has any."""
    listed = {name for name, target in targets.items() if path in target.sources}
    if listed:
        return listed
    source = re.sub(r'(_internal)?\.h$', '.cc', path)
    listed = {name for name, target in targets.items() if source in target.sources}
    if listed:
        return listed
    folder = os.path.dirname(path)
    while folder:
        near = {name for name, target in targets.items() if target.where == folder and not name.endswith('_test')}
        if near:
            return near
        folder = os.path.dirname(folder)
    return set()


def blank_out(text):
    """The text with comments and the contents of literals replaced by blanks; line breaks stay."""
    form = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])*\'',
                      re.S)
    return form.sub(lambda match: re.sub(r'[^\n]', ' ', match.group()), text)


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def check_exceptions(path, text, problems):
    if path.endswith('_test.cc') or matches(path, EXCEPTION_BORDERS):
        return
    for number, line in enumerate(blank_out(text).split('\n'), 1):
        for word in re.findall(r'\b(?:throw|try|catch)\b', line):
            if matches(path, THREAD_ENTRIES) and word != 'throw' and not re.search(r'catch\s*\((?!\.\.\.\))', line):
                continue
            problems.append(f'{path}:{number}: `{word}` outside the borders that tools/check_layers.py lists; '
                            'return an absl::Status')


def check_includes(root, path, text, layers, targets, problems):
    source_layer = layers.of(path[4:]) if path.startswith('src/') else None
    own = owners(targets, path)
    reachable = set().union(*(closure(targets, name) for name in own)) if own else set()
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not match:
            continue
        name = match.group(2)
        if re.match(r'duckdb(\.hpp|\.h|/)', name) and not path.startswith('src/engine/duckdb/'):
            problems.append(f'{path}:{number}: DuckDB headers belong to src/engine/duckdb alone')
        if match.group(1) == '<':
            continue
        included = 'src/' + name
        if not os.path.exists(os.path.join(root, included)):
            beside = os.path.join(os.path.dirname(path), name)
            if os.path.exists(os.path.join(root, beside)) and path.startswith('src/'):
                problems.append(f'{path}:{number}: write the path from src/: "{beside[4:]}"')
            continue
        target_layer = layers.of(name)
        if target_layer is None:
            problems.append(f'{path}:{number}: the folder of {name} is not in cmake/layers.txt')
        elif source_layer is not None and not layers.allows(source_layer, target_layer):
            problems.append(f'{path}:{number}: {source_layer[1]} may not include {name} (cmake/layers.txt)')
        elif own and not owners(targets, included) & reachable:
            wanted = ' or '.join(sorted(owners(targets, included))) or 'a library'
            problems.append(f'{path}:{number}: {name} belongs to {wanted}, which is not in the DEPS of '
                            + ' or '.join(sorted(own)))


def check(root):
    problems = []
    layers = Layers(os.path.join(root, 'cmake/layers.txt'))
    targets = read_targets(root, problems)
    find_cycles(targets, problems)
    listed = set().union(*(target.sources for target in targets.values())) if targets else set()
    for top in SOURCE_FOLDERS:
        for folder, _, files in sorted(os.walk(os.path.join(root, top))):
            for file in sorted(files):
                if not file.endswith(('.cc', '.h')):
                    continue
                path = os.path.relpath(os.path.join(folder, file), root)
                with open(os.path.join(root, path), encoding='utf-8') as source:
                    text = source.read()
                if path.startswith('src/') and layers.of(path[4:]) is None:
                    problems.append(f'{path}:1: the folder is not in cmake/layers.txt')
                    continue
                if file.endswith('.cc') and path not in listed and path != 'fuzz/replay_main.cc':
                    problems.append(f'{path}:1: in no target; list it in a CMakeLists.txt')
                check_includes(root, path, text, layers, targets, problems)
                check_exceptions(path, text, problems)
    return problems


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    problems = check(root)
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f'{len(problems)} problems')


if __name__ == '__main__':
    main()
