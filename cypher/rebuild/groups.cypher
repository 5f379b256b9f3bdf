// purpose: Read a page of merge groups by their survivors' ids: each tenure with its tie, what it resolves to, its inferences, the
//          logins that were carried on, and the visits whose recorded match no inference holds.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, browsers LIST<STRING>, tenures LIST<MAP>
// index:   Visitor(tenant, visitor_id), Identity(tenant, identity_id), Event(tenant, tenure_id, user_id)
MATCH (survivor:Visitor)
USING INDEX SEEK survivor:Visitor(tenant, visitor_id)
WHERE
  survivor.tenant = $tenant AND
  survivor.visitor_id >= $first AND
  NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
WITH survivor
ORDER BY survivor.tenant, survivor.visitor_id
LIMIT $limit
CALL (survivor) {
  // The merges are facts; root_id follows from them, and may be damaged.
  MATCH (survivor)<-[:MERGED_INTO*0..8]-(member:Visitor)
  RETURN collect(DISTINCT member) AS members
}
CALL (members) {
  UNWIND members AS member
  MATCH (member)<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  OPTIONAL MATCH (tenure)-[tie:TIED_TO]->(above:Tenure)
  OPTIONAL MATCH (tenure)-[held:RESOLVES_TO]->(user:User)
  RETURN collect({
    tenure_id: tenure.identity_id,
    visitor_id: member.visitor_id,
    above_id: above.identity_id,
    tie: coalesce(tie.confidence, 1.0),
    held:
    // part: held
    ,
    carried: CASE held.method
      WHEN 'claim' THEN COUNT {
        MATCH (user)<-[carried:PROBABLY|WAS_PROBABLY]-(:Tenure)
        // A hand-over moves a claim to another tenure, and leaves closed inferences as they were.
        WHERE tenure.identity_id IN carried.claims OR carried.since = held.at
      }
      ELSE 0
    END,
    // The claimed tenure's logins that were carried on, by what they were answered.
    logins: COLLECT {
      MATCH (login:Event)
      USING INDEX SEEK login:Event(tenant, tenure_id, user_id)
      WHERE
        login.tenant = $tenant AND
        login.tenure_id = tenure.identity_id AND
        login.user_id = user.user_id AND
        held.method = 'claim' AND
        login.answer CONTAINS '"propagated"' AND
        NOT login.answer CONTAINS '"propagated":0'
      RETURN login {.answer, at: login.at.epochMillis, received_at: login.received_at.epochMillis}
    },
    inferences: COLLECT {
      MATCH (tenure)-[inference:PROBABLY]->(whom:Identity)
      RETURN {
        identity_id: whom.identity_id,
        user_id: whom.user_id,
        claimed_by: head([(whom)-[:RESOLVES_TO {method: 'claim'}]->(owner:User) | owner.user_id]),
        confidence: inference.confidence,
        evidence: inference.evidence,
        weeks: inference.weeks,
        is_founded:
          inference.rests_on IS NULL OR
          inference.claims IS NOT NULL OR
          coalesce(size(inference.weeks), 0) = 0 OR
          EXISTS {
            MATCH (tenure)-[:ON]->(jar:Jar)
            MATCH (jar)<-[:ON]-(:Tenure)<-[:DURING]-(shown)
            WHERE
              shown.is_bare OR
              any(
                key IN inference.rests_on
                WHERE
                  // The known fingerprint that the visit's is like.
                  key STARTS WITH 'fuzzy_fingerprint' OR
                  key IN [
                    'fingerprint\n' + shown.fingerprint,
                    'ip\n' + shown.address,
                    'ip_browser\n' + shown.address + '\n' + coalesce(shown.browser, '') + '\n' + coalesce(shown.os, '') + '\n' + coalesce(shown.device_class, '')
                  ]
              )
          },
        claims: inference.claims,
        open_claims: COLLECT {
          UNWIND coalesce(inference.claims, []) AS claimed_id
          MATCH (claimed:Identity {tenant: $tenant, identity_id: claimed_id})
          USING INDEX SEEK claimed:Identity(tenant, identity_id)
          // A user may have thousands of claims.
          WHERE whom IN COLLECT {
            MATCH (claimed)-[:RESOLVES_TO {method: 'claim'}]->(owner:User)
            RETURN owner
          }
          RETURN claimed_id
        }
      }
    },
    unmatched: [
      (tenure)<-[:DURING]-(visit)
      WHERE
        // A match by evidence that others share is no tie. Beside a claim no inference is read.
        visit.evidence CONTAINS '"sharing"' AND
        visit.answer IS NOT NULL AND
        // The known fingerprint that the visit's was like is not recorded with it.
        NOT visit.evidence CONTAINS '"kind":"fuzzy_fingerprint"' AND
        // What rested on an address went with it.
        visit.is_bare IS NULL AND
        (visit.address IS NOT NULL OR NOT visit.evidence CONTAINS '"kind":"ip') AND
        coalesce(held.method, '') <> 'claim' AND
        // A login of another user moves visits to a new tenure of the jar, and no inferences.
        NOT EXISTS {
          MATCH (tenure)-[:ON]->(:Jar)<-[:ON]-(holder:Tenure)-[kept:PROBABLY|WAS_PROBABLY]->()
          WHERE kept.evidence = visit.evidence
        } AND
        NOT EXISTS {
          MATCH (tenure)-[kept:PROBABLY|WAS_PROBABLY]->()
          WHERE kept.evidence = visit.evidence
        } |
      visit {
        .evidence,
        .confidence,
        .answer,
        .fingerprint,
        .address,
        .browser,
        .os,
        .device_class,
        started_at: visit.started_at.epochMillis,
        received_at: visit.received_at.epochMillis
      }
    ]
  }) AS tenures
}
RETURN
  survivor.visitor_id AS id,
  // A merge, a split or a removal leaves what would be otherwise, had it come before.
  [
    member IN members
    WHERE
      size(members) = 1 AND
      COUNT { (member)<-[:IN]-() } > 1 AND
      NOT EXISTS { (member)-[:UNMERGED_FROM|CANNOT_LINK|COULD_NOT_LINK]-() } AND
      NOT EXISTS { (member)<-[:WAS_IN]-() } |
    member.visitor_id
  ] AS browsers,
  tenures
