"""What the functions behind API Gateway share: resolver, request, responses, caller."""
