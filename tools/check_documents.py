#!/usr/bin/env python3
"""Checks that what the documents point at exists.

  check_documents.py [ROOT]

In every *.md of the repository: a link to a file, and a path in backticks (`src/base/clock.h`, `docs/adr/`,
or below src/ without the `src/`, as ARCHITECTURE.md writes it) must exist. Paths with a placeholder (`<name>`,
`*`) and paths below build/ are not looked at. Exits with 1 if something is missing.
"""
import os
import re
import sys

SKIPPED_FOLDERS = {'.git', '.deps', 'build', 'node_modules'}
SOURCE_ENDINGS = ('.cc', '.h', '.py', '.cmake', '.md', '.txt', '.lock', '.toml', '.sql')


def documents(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for file in sorted(files):
            if file.endswith('.md'):
                yield os.path.relpath(os.path.join(folder, file), root)


def is_path(root, text):
    if not re.fullmatch(r'[\w.+-]+(/[\w.+-]+)*/?', text) or '/' not in text or text.startswith('build/'):
        return False
    first = text.split('/')[0]
    known = os.path.isdir(os.path.join(root, first)) or os.path.isdir(os.path.join(root, 'src', first))
    return known or text.endswith(SOURCE_ENDINGS)


def check(root):
    problems = []
    for document in documents(root):
        with open(os.path.join(root, document), encoding='utf-8') as file:
            lines = file.read().split('\n')
        fenced = False
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith('```'):
                fenced = not fenced
            if fenced:
                continue
            for path in re.findall(r'(?<!`)`([^`\s]+)`(?!`)', line):
                bases = (root, os.path.join(root, 'src'), os.path.join(root, os.path.dirname(document)))
                if is_path(root, path) and not any(os.path.exists(os.path.join(base, path)) for base in bases):
                    problems.append(f'{document}:{number}: there is no {path}')
            for link in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', line):
                target = os.path.join(root, os.path.dirname(document), link)
                if '://' not in link and not link.startswith('mailto:') and not os.path.exists(target):
                    problems.append(f'{document}:{number}: the link to {link} leads nowhere')
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
