"""Says of each line of FILE, "<message type>\t<frame>", whether the type's schema accepts it.

usage: validate.py SCHEMA_DIRECTORY FILE
Prints "1" or "0" for each line.
"""
import json
import pathlib
import sys

import jsonschema

# The protocol's whole numbers are written as such: 1000.0 is none, although JSON Schema takes it.
Validator = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    type_checker=jsonschema.Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)))


def main():
    directory = pathlib.Path(sys.argv[1])
    validators = {}
    for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        kind, frame = line.split("\t", 1)
        if kind not in validators:
            schema = json.loads((directory / (kind + ".json")).read_text(encoding="utf-8"))
            Validator.check_schema(schema)
            validators[kind] = Validator(schema)
        print("1" if validators[kind].is_valid(json.loads(frame)) else "0")


if __name__ == "__main__":
    main()
