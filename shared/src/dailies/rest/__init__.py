"""The REST door: a table of routes over the services, served by the function `api` and by `dailies up` alike."""
