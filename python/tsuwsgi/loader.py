"""The application: a file or module imported as uWSGI does it, and the callable found in it.

Whatever goes wrong is one sentence for whoever started the server; an error of the application's own is shown whole first.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from types import ModuleType
from typing import Any, Iterable, List, Optional

from tsuwsgi import log, missing, paste
from tsuwsgi.config import ApplicationSource
from tsuwsgi.wsgi import Application

# uWSGI's exit status where no application could be loaded (UWSGI_FAILED_APP_CODE).
FAILED_STATUS = 22

# uWSGI's name for the module of `eval`.
_EVAL_NAME = "uwsgi_eval_config"

_FACTORY_NAMES = ("create_app", "make_app", "get_app", "app_factory", "create_application", "make_application", "get_wsgi_application")


class LoadError(Exception):
    """Why there is no application, in one sentence."""


def load(source: ApplicationSource) -> Application:
    if source.kind == "paste":
        return _load_pasted(source)
    return find_callable(import_source(source), source)


def module_name(source: ApplicationSource) -> str:
    """For log lines."""
    if source.kind in ("module", "paste"):
        return source.location
    return _EVAL_NAME if source.kind == "eval" else file_module_name(source.location)


def file_module_name(path: str) -> str:
    """uWSGI's name for the module of a `wsgi-file` (plugins/python/pyloader.c, uwsgi_file_loader)."""
    return "uwsgi_file_" + plain_module_name(path)


def plain_module_name(path: str) -> str:
    """The same for a file of `import`."""
    name = path.replace(".", "_").replace("/", "_")
    return name[:-3] if name.endswith("_py") else name


def import_source(source: ApplicationSource) -> ModuleType:
    try:
        if source.kind in ("file", "import"):
            return _import_file(source)
        if source.kind == "eval":
            return _evaluate(source.location)
        return _import_module(source.location)
    except LoadError:
        raise
    except SystemExit as error:
        raise LoadError(f"{source.label} called sys.exit({error.code!r}) while it was imported") from None
    except BaseException as error:
        log.show(error)
        raise LoadError(f"{source.label} could not be imported: {_summary(error)}{missing.explain(error)}") from None


def _load_pasted(source: ApplicationSource) -> Application:
    try:
        application = paste.make_application(source)
    except paste.PasteMissing as error:
        raise LoadError(str(error)) from None
    except SystemExit as error:
        raise LoadError(f"{source.label} called sys.exit({error.code!r}) while its application was made") from None
    except BaseException as error:
        log.show(error)
        raise LoadError(f"{source.label} makes no application: {_summary(error)}{missing.explain(error)}") from None
    if not callable(application):
        raise LoadError(f"{source.label} makes {_article(type(application).__name__)}, which cannot be called")
    return application


def _import_file(source: ApplicationSource) -> ModuleType:
    path = source.location
    name = file_module_name(path) if source.kind == "file" else plain_module_name(path)
    if os.path.isdir(path):
        return _execute(os.path.join(path, "__init__.py"), name, path)
    return _execute(path, name, None)


def _execute(path: str, name: str, package: Optional[str]) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader(name, path)
    try:
        source = loader.get_data(path)
    except OSError as error:
        where = "" if os.path.isabs(path) else f" (looked for in {os.getcwd()})"
        raise LoadError(f"the file {path} cannot be read: {error.strerror}{where}") from None
    module = ModuleType(name)
    # As given and not made absolute: it is what an application sees under uWSGI.
    module.__file__ = path
    module.__loader__ = loader
    if package is not None:
        module.__path__ = [package]
        module.__package__ = name
    sys.modules[name] = module
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _evaluate(code: str) -> ModuleType:
    module = ModuleType(_EVAL_NAME)
    sys.modules[_EVAL_NAME] = module
    exec(compile(code, _EVAL_NAME, "exec", dont_inherit=True), module.__dict__)
    return module


def _import_module(name: str) -> ModuleType:
    try:
        # Not importlib.import_module: the import statement's own function leaves no frames of the import system in a traceback.
        __import__(name)
    except ModuleNotFoundError as error:
        if not _is_part(error.name, name):
            raise
        where = ", ".join(repr(entry) for entry in sys.path[:4])
        looked = f"looked in {where} …; the current directory is {os.getcwd()}"
        raise LoadError(f"there is no module {error.name!r} ({looked}){missing.explain(error)}") from None
    return sys.modules[name]


def _is_part(missing: Optional[str], name: str) -> bool:
    """Whether the module that is missing is the one we asked for, or a package above it, and not one that it imports."""
    return missing is not None and (name + ".").startswith(missing + ".")


def find_callable(module: ModuleType, source: ApplicationSource) -> Application:
    """The application by its name: `app`, `site.app`, or `create_app()`, which is called once."""
    name = source.callable
    is_factory = name.endswith("()")
    found: Any = module
    for part in name[:-2].split(".") if is_factory else name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise LoadError(_missing(module, source)) from None
    if is_factory:
        found = _call_factory(found, source)
    if not callable(found):
        raise LoadError(f"{name!r} in {source.label} is {_article(type(found).__name__)}, which cannot be called")
    return found


def _call_factory(factory: Any, source: ApplicationSource) -> Any:
    try:
        return factory()
    except SystemExit as error:
        raise LoadError(f"{source.callable} in {source.label} called sys.exit({error.code!r})") from None
    except BaseException as error:
        log.show(error)
        raise LoadError(f"{source.callable} in {source.label} failed: {_summary(error)}") from None


def _missing(module: ModuleType, source: ApplicationSource) -> str:
    text = f"{source.label} has no callable named {source.callable!r}"
    candidates = likely_callables(module)
    if not candidates:
        return f"{text}, and nothing else in it looks like a WSGI application"
    return f"{text}, but {' and '.join(repr(name) for name in candidates)}: set callable = {candidates[0]}"


def likely_callables(module: ModuleType) -> List[str]:
    """Names in a module that look like a WSGI application or make one."""
    public = [(name, value) for name, value in vars(module).items() if not name.startswith("_")]
    applications = [name for name, value in public if _looks_like_application(value, module)]
    factories = [f"{name}()" for name, value in public if name in _FACTORY_NAMES and callable(value)]
    return _at_most_three(applications) or _at_most_three(factories)


def _looks_like_application(value: Any, module: ModuleType) -> bool:
    # Imported here: it brings a dozen modules into every worker, and only a failed start needs it.
    import inspect

    if inspect.isclass(value) or inspect.ismodule(value) or not callable(value):
        return False
    if inspect.isroutine(value) and getattr(value, "__module__", None) != module.__name__:
        return False  # imported from elsewhere, as most functions that take two arguments are
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        return False
    required = [each.name for each in parameters if each.default is each.empty and each.kind <= each.POSITIONAL_OR_KEYWORD]
    if len(required) != 2:
        return False
    # A function of two parameters may be anything; the names of an application's are known.
    return not inspect.isroutine(value) or required[0].startswith("env") or "response" in required[1]


def _at_most_three(names: Iterable[str]) -> List[str]:
    return list(names)[:3]


def _summary(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0].lower() in "aeiou" else f"a {noun}"
