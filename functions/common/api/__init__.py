"""Shared by the functions behind API Gateway: resolver, request, responses, caller."""
