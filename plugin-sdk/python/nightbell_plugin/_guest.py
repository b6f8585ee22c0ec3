"""From a plugin to the class whose methods its component exports. What a plugin raises goes to the operator's log first,
with the line in the author's own file, and ends the call then."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import _channel, _filter, _parser, _router
from ._fault import described
from ._host import connect, fresh, log
from ._moment import begin

BASES = {
    "parser": _parser.Parser,
    "filter": _filter.Filter,
    "router": _router.Router,
    "channel": _channel.Channel,
}


def plugin_of(module: ModuleType, kind: str) -> Any:
    """The one plugin of a module, made. Runs while the component is built."""
    own: list[Any] = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, tuple(BASES.values())) and value.__module__ == module.__name__
    ]
    # A class that another one of the module extends is no plugin of its own.
    own = [value for value in own if not any(other is not value and issubclass(other, value) for other in own)]
    if len(own) != 1:
        names = ", ".join(value.__name__ for value in own) or "none"
        raise TypeError(f"expected one subclass of {BASES[kind].__name__} in {module.__name__}.py, found {names}")
    if own[0].kind != kind:
        raise TypeError(f'plugin.toml says kind = "{kind}", but {own[0].__name__} is a {own[0].kind}')
    return own[0]()


def exports_of(module: ModuleType, kind: str, interfaces: Any, bindings: Any) -> type:
    """The class that the component's world asks for."""
    plugin = plugin_of(module, kind)
    connect(interfaces)
    own = {
        "parser": {"parse": lambda payload: plugin.run(payload, bindings)},
        "filter": {"judge": lambda events: plugin.run(events)},
        "router": {"route": lambda events: plugin.run(events)},
        "channel": {
            "deliver": lambda notification: plugin.run_deliver(notification, bindings),
            "callback": lambda request: plugin.run_callback(request, bindings),
            "validate": lambda address: plugin.run_validate(address, bindings),
        },
    }
    functions = {name: _guarded(run, bindings.Err) for name, run in own[kind].items()}
    return type("Exports", (), functions)


def _guarded(run: Callable[[Any], Any], refusal: type[Exception]) -> Callable[[Any, Any], Any]:
    def guarded(_self: Any, argument: Any) -> Any:
        fresh()
        begin(0, "")
        try:
            return run(argument)
        except refusal:
            raise
        except BaseException as thrown:
            log.error(described(thrown))
            raise

    return guarded
