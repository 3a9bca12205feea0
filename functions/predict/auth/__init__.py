"""Who calls: what the authorizer is made of.

`bearer` finds the key in a request, `service` asks auth.hokus.ai whose it is, `shared_validation`
has concurrent first calls ask once, `policy` puts the answer into API Gateway's words. What a
caller may do is decided behind API Gateway (`functions.predict.caller`).
"""
