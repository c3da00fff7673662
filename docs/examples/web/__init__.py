"""A service on FastAPI over chatcore: webhooks in, agents at work, screens that follow what happens.

`uvicorn --factory web.app:from_environment` starts it, from the folder above this one.
"""
