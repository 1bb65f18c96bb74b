"""For all tests: a busy machine is no failure, so properties have no deadline."""

from hypothesis import settings

settings.register_profile("project", settings.default, deadline=None)
settings.load_profile("project")
