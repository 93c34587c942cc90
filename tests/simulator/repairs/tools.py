"""What repairs share."""

import functools
import os

ACCOUNT = os.environ.get("MOTO_ACCOUNT_ID", "123456789012")


def after(cls, name):
    """Decorator: run `extra(self, *args, **kwargs)` after the method `name` of `cls`."""

    def decorate(extra):
        original = getattr(cls, name)

        @functools.wraps(original)
        def both(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            extra(self, *args, **kwargs)
            return result

        setattr(cls, name, both)
        return both

    return decorate


def around(owner, name):
    """Decorator: replace the function `name` of `owner` by `new(original, *args, **kwargs)`."""

    def decorate(new):
        original = getattr(owner, name)

        @functools.wraps(original)
        def replaced(*args, **kwargs):
            return new(original, *args, **kwargs)

        setattr(owner, name, replaced)
        return replaced

    return decorate
