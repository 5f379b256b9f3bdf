// purpose: Whether a tenure is on none of the visitors that are hidden (hidden_visitors).
(hidden_visitors = [] OR NOT EXISTS { (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor) WHERE used.root_id IN hidden_visitors })
