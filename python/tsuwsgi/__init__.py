"""The Python half of tsuwsgi: a spawner that imports the application, and the workers that run it."""
