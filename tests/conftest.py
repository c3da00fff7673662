from hypothesis import settings

# A loaded machine is slow, not wrong: no deadline. The rest stays as Hypothesis sets it for people and for CI.
settings.register_profile("chatcore", settings.default, deadline=None)
settings.load_profile("chatcore")
