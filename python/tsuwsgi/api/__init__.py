"""The module `uwsgi`, which applications import; docs/uwsgi-module.md lists its names.

    module      what `import uwsgi` gives, and how it gets there
    constants   what the configuration decided
    process     the server and this process
    signals     numbers with handlers that run by the clock, or when somebody says so
    locks       what all workers share, held by one
    cache       what all workers share, in cache_file, cache_layout, cache_table, cache_store and cache_lock
    metrics     numbers that they share
    request     the request that the calling thread runs
    rpc         functions by name
    sockets     connections of the application's own
    files       what uWSGI reads for an application
    absent      names behind which there is nothing
    hooks       what the application wants called

It is made in the spawner, before the application is imported, and forked with it. Nothing in it costs a request anything that does not ask.
"""
