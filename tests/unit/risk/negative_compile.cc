// Compiled as it is, and then with each mistake, which must not compile. See CMakeLists.txt.
#include <utility>

#include "worker/broker/port.hpp"
#include "worker/risk/approved.hpp"
#include "worker/risk/risk_gate.hpp"

namespace bullpen {

using risk::Approved;
using Terms = model::OrderTerms;

// What else might be approved one day, and is no order of this kind.
struct OtherTerms {
    operator Terms() const { return {}; }
};

void act(broker::Port& port, risk::RiskGate& gate, const risk::Situation& situation, Terms terms,
         const Approved<OtherTerms>& other, Instant now) {
    const auto approval = gate.check(terms, situation);
    if (const auto* approved = std::get_if<Approved<Terms>>(&approval))
        port.submit(*approved, now);
#ifdef MADE_OUTSIDE
    port.submit(Approved<Terms>(terms), now);
#endif
#ifdef MADE_OF_NOTHING
    port.submit(Approved<Terms>(), now);
#endif
#ifdef MADE_IN_BRACES
    port.submit({terms}, now);
#endif
#ifdef MADE_BY_AN_HEIR
    struct Heir : Approved<Terms> {
        explicit Heir(Terms own) : Approved<Terms>(std::move(own)) {}
    };
    port.submit(Heir(terms), now);
#endif
#ifdef PLAIN_TERMS
    port.submit(terms, now);
#endif
#ifdef CONVERTED_FROM_ANOTHER
    port.submit(other, now);
#endif
#ifdef MADE_OF_ANOTHER
    port.submit(Approved<Terms>(*other), now);
#endif
#ifdef CHANGED_AFTER_APPROVAL
    std::get<Approved<Terms>>(gate.check(terms, situation))->quantity = 100;
#endif
}

}  // namespace bullpen
