"""What plans, module types, page designs and guidance texts may say: pure, no database."""
