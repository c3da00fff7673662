import os

from hypothesis import settings

# A loaded machine is slow, not wrong: no deadline. The rest stays as Hypothesis sets it for people and for CI;
# "brief" is for the Pythons on which CI repeats what it has run in full on the first one.
settings.register_profile("chatcore", settings.default, deadline=None)
settings.register_profile("brief", settings.get_profile("chatcore"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "chatcore"))
