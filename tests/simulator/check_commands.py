#!/usr/bin/env python3
"""Proves that every `aws` command in Markdown runbooks is one the AWS CLI would send.

Usage: check_commands.py FILE.md...

Each file's ```sh blocks are run, in order and in one shell as a reader would, by a real bash in which `aws` only writes down
its words and every other program is a stub. So variables, `$(...)`, here-documents and quoting are the shell's own, and a
name from AWS that breaks out of its quotes shows up as a program that nobody wrote. Every recorded command then goes
through the AWS CLI's own argument parser and parameter validation with sending switched off, and the fields of `--query`
are looked up in the shape of the answer.

Exit code: 0 all accepted, 1 something refused (one line each on stdout), 3 the AWS CLI is not installed.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import awscli.clidriver as clidriver
    from awscli.customizations import commands, waiters
except ImportError:
    print("the awscli package is not installed for " + sys.executable)
    sys.exit(3)

try:  # newer releases carry their own copy
    from awscli.botocore.validate import ParamValidator
except ImportError:
    from botocore.validate import ParamValidator

# Long enough for an ARN, and a number.
ANSWER = "1" * 20
OPAQUE = {"opaque": ANSWER}
OPAQUE_TEXT = '{"opaque":"%s"}' % ANSWER
# Programs a runbook may call besides `aws`; those run for real, the others only answer ANSWER.
REAL = ["cat", "date"]
STUBS = ["base64", "curl", "dig", "git", "grep", "jq", "nc", "openssl", "pg_dump", "pg_restore", "psql", "rm", "sed", "ssh", "surveyor",
         "terraform", "tr", "xargs"]
# Services with one endpoint: a region adds nothing to their commands.
GLOBAL = ["account", "budgets", "cloudfront", "iam", "organizations", "route53", "sts", "configure"]

PRELUDE = r"""
set -u
aws() {
  { printf '%s\0' "${BASH_LINENO[0]}" "$#"; printf '%s\0' "$@"; } >> "$CHECK_LOG"
  echo "$CHECK_ANSWER"
}
command_not_found_handle() {
  printf '%s\0' "$1" >> "$CHECK_PROGRAMS"
  echo "$CHECK_ANSWER"
}
"""


def blocks(lines):
    """The file with everything but ```sh blocks emptied, so that line numbers stay; and those blocks."""
    script, found, inside = [], [], None
    for number, line in enumerate(lines, 1):
        fence = line.strip()
        if inside is None:
            script.append("")
            if fence == "```sh":
                inside = (number + 1, [])
        elif fence == "```":
            found.append((inside[0], "\n".join(inside[1])))
            inside = None
            script.append("")
        else:
            inside[1].append(line)
            script.append(line)
    return "\n".join(script) + "\n", found


def written(block, first):
    """Line numbers of `aws` commands as written, here-documents and comments left out."""
    found, end = [], None
    for number, line in enumerate(block.split("\n"), first):
        if end is not None:
            if line.strip() == end:
                end = None
            continue
        start = re.search(r"<<'(\w+)'", line)
        if not line.lstrip().startswith("#"):
            found += [number] * len(re.findall(r"(?:^|[(|&;{]|\bdo|\bthen)\s*aws (?=[a-z])", line))
        if start:
            end = start.group(1)
    return found


def record(path):
    """Runs the blocks of a file; gives commands [(line, words)] and errors [(line, text)]."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    script, found = blocks(lines)
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        programs = os.path.join(folder, "programs")
        os.mkdir(programs)
        for name in REAL:
            os.symlink(shutil.which(name), os.path.join(programs, name))
        files = {n: os.path.join(folder, n) for n in ("log", "called", "prelude", "script", "answers")}
        for name, text in (("log", ""), ("called", ""), ("prelude", PRELUDE), ("script", script), ("answers", (ANSWER + "\n") * 200)):
            with open(files[name], "w", encoding="utf-8") as f:
                f.write(text)
        work = os.path.join(folder, "work")
        os.mkdir(work)
        env = {"PATH": programs, "HOME": work, "BASH_ENV": files["prelude"], "CHECK_LOG": files["log"],
               "CHECK_PROGRAMS": files["called"], "CHECK_ANSWER": ANSWER, "LC_ALL": "C.UTF-8", "TMPDIR": work}
        bash = shutil.which("bash")
        for first, block in found:
            parsed = subprocess.run([bash, "-n"], input=block, capture_output=True, text=True)
            if parsed.returncode != 0:
                errors.append((first, "the shell does not accept the block: " + parsed.stderr.strip()))
        if errors:
            return [], errors, work
        try:
            with open(files["answers"], encoding="utf-8") as answers:
                ran = subprocess.run([bash, "--noprofile", "--norc", files["script"]], cwd=work, env=env, stdin=answers,
                                     capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return [], [(1, "the commands do not end")], work
        for line in ran.stderr.splitlines():
            match = re.search(r"line (\d+): (.*)", line)
            errors.append((int(match.group(1)), match.group(2)) if match else (1, line))
        with open(files["called"], encoding="utf-8") as f:
            for program in f.read().split("\0")[:-1]:
                if program not in STUBS:
                    errors.append((1, "calls an unexpected program: %r" % program))
        with open(files["log"], encoding="utf-8") as f:
            fields = f.read().split("\0")[:-1]
        calls, at = [], 0
        while at < len(fields):
            line, count = int(fields[at]), int(fields[at + 1])
            calls.append((line, fields[at + 2:at + 2 + count]))
            at += 2 + count
        count = sum(len(written(block, first)) for first, block in found)
        if len(calls) < count:
            errors.append((1, "%d aws commands are written, only %d were reached" % (count, len(calls))))
        # Parameters may name files that the blocks made: keep them for the parser.
        kept = tempfile.mkdtemp(prefix="check-commands-")
        shutil.copytree(work, kept, dirs_exist_ok=True)
        return calls, errors, kept


class Refused(Exception):
    """A command that the AWS CLI would not send."""


def field(shape, name):
    if shape is None:
        return None
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure" or name not in shape.members:
        raise Refused("--query: the answer has no field %s in %s" % (name, shape.name))
    return shape.members[name]


def walk(node, shape):
    """Looks a JMESPath expression up in an answer's shape; gives the shape of its result, None where it is computed."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return field(shape, node["value"])
    if kind == "subexpression":
        for child in children:
            shape = walk(child, shape)
        return shape
    if kind == "index_expression":
        shape = walk(children[0], shape)
        return walk(children[1], shape)
    if kind in ("index", "slice"):
        if shape is not None and shape.type_name == "list":
            return shape.member if kind == "index" else shape
        return shape
    if kind in ("projection", "value_projection", "filter_projection"):
        inner = walk(children[0], shape)
        if isinstance(inner, list):
            return inner
        element = None if inner is None else getattr(inner, "member", None) or getattr(inner, "value", None) or inner
        if kind == "filter_projection":
            walk(children[2], element)
        result = walk(children[1], element)
        return [result] if result is not None else None
    if kind == "flatten":
        inner = walk(children[0], shape)
        while isinstance(inner, list):
            inner = inner[0]
        return inner
    if kind == "pipe":
        left = walk(children[0], shape)
        return walk(children[1], left[0] if isinstance(left, list) else left)
    if kind in ("multi_select_list", "multi_select_dict"):
        for child in children:
            walk(child["children"][0] if child["type"] == "key_val_pair" else child, shape)
        return None
    if kind in ("comparator", "and_expression", "or_expression", "not_expression", "function_expression"):
        for child in children:
            if child["type"] == "expref":
                element = shape
                walk_expref(child["children"][0], children[0], element)
            else:
                walk(child, shape)
        return None
    return shape if kind in ("current", "identity") else None


def walk_expref(body, over, shape):
    inner = walk(over, shape)
    while isinstance(inner, list):
        inner = inner[0]
    if inner is not None and inner.type_name == "list":
        inner = inner.member
    walk(body, inner)


def install():
    """Makes the AWS CLI stop where it would send."""

    def check(session, service, operation, parameters, parsed_globals):
        model = session.get_service_model(service).operation_model(operation)
        # What was read from a file that holds an answer of AWS has no content here: its name counts, not its value.
        opaque = [k for k, v in parameters.items() if v == OPAQUE]
        parameters = {k: v for k, v in parameters.items() if k != "PaginationConfig" and k not in opaque}
        for name in model.idempotent_members:
            parameters.setdefault(name, "00000000-0000-4000-8000-000000000000")
        if model.input_shape is not None:
            report = ParamValidator().validate(parameters, model.input_shape)
            report._errors = [e for e in report._errors if e[2].get("required_name") not in opaque]
            if report.has_errors():
                raise Refused(report.generate_report())
        query = getattr(parsed_globals, "query", None)
        if query is not None:
            walk(query.parsed, model.output_shape)

    def invoke(self, service, operation, parameters, parsed_globals):
        check(self._session, service, operation, parameters, parsed_globals)
        return 0

    def invoke_waiter(self, service, operation, parameters, parsed_globals):
        # A waiter knows the operation that it repeats.
        waiter = self._session.get_waiter_model(service).get_waiter(self._waiter_name)
        check(self._session, service, waiter.operation, parameters, parsed_globals)
        return 0

    pending = [clidriver.CLIOperationCaller]
    while pending:
        caller = pending.pop()
        caller.invoke = invoke
        pending += caller.__subclasses__()
    waiters.WaiterCaller.invoke = invoke_waiter
    call = commands.BasicCommand.__call__

    def call_without_running(self, args, parsed_globals):
        if not isinstance(self, waiters.WaitCommand) and not self.SUBCOMMANDS:
            self._run_main = lambda parsed, parsed_globals: 0
        return call(self, args, parsed_globals)

    commands.BasicCommand.__call__ = call_without_running


def option(words, name):
    for i, word in enumerate(words):
        if word == name and i + 1 < len(words):
            return words[i + 1]
        if word.startswith(name + "="):
            return word[len(name) + 1:]
    return None


def without_answers(words):
    """The words, with parameters that name a file holding nothing but an answer replaced by an empty object."""
    for word in words:
        if word.startswith("file://"):
            try:
                with open(word[7:], encoding="utf-8") as f:
                    held = f.read().strip()
            except OSError:
                held = None
            if held == ANSWER:
                yield OPAQUE_TEXT
                continue
        yield word


DRIVERS, SHARED = {}, {}


def refuse_reason(words):
    """Why the AWS CLI refuses the words; None when it would send them."""
    if option(words, "--profile") is None:
        return "names no --profile"
    if words[0] not in GLOBAL and option(words, "--region") is None:
        return "names no --region"
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            # A driver stays with its first profile and, for ec2, with what plug-ins changed for its first operation.
            key = (option(words, "--profile"), *words[:2 if words[0] == "ec2" else 1])
            if key not in DRIVERS:
                driver = clidriver.create_clidriver()
                # The service models are large: read them once.
                driver.session.register_component("data_loader", SHARED.setdefault("loader", driver.session.get_component("data_loader")))
                DRIVERS[key] = driver
            code = DRIVERS[key].main(list(without_answers(words)))
    except SystemExit as e:
        code = e.code
    except Refused as e:
        return str(e)
    if code:
        return " ".join(err.getvalue().split())[-600:] or "exit code %s" % code
    return None


def main(paths):
    failures, checked, memory, known = 0, 0, {}, set()
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "config")
        os.environ.update({"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "none"),
                           "AWS_ACCESS_KEY_ID": "check", "AWS_SECRET_ACCESS_KEY": "check", "AWS_EC2_METADATA_DISABLED": "true"})
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)
        open(config, "w").close()
        clidriver.create_clidriver()  # loads the plugins, so that all callers are known
        install()
        here = os.getcwd()
        for path in paths:
            calls, errors, kept = record(os.path.abspath(path))
            profiles = {p for p in (option(w, "--profile") for _, w in calls) if p}
            with open(config, "a", encoding="utf-8") as f:
                f.write("".join('[profile "%s"]\nregion = us-east-1\n' % p for p in sorted(profiles - known)))
            known |= profiles
            for line, words in calls:
                checked += 1
                key = "\0".join(words)
                if key not in memory:
                    os.chdir(kept if os.path.isdir(kept) else here)
                    memory[key] = refuse_reason(list(words))
                    os.chdir(here)
                if memory[key]:
                    errors.append((line, "aws %s\n    %s" % (" ".join(words), memory[key])))
            for line, text in sorted(errors):
                failures += 1
                print("%s:%d: %s" % (path, line, text))
            shutil.rmtree(kept, ignore_errors=True)
    print("%d commands in %d files, %d refused" % (checked, len(paths), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
