"""Speed and quality of service: measured, judged against the contract, linked to complaints."""
