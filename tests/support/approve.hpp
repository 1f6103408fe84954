// Approved orders for tests of what takes them: stands in for the risk gate, so a program that uses
// this must not be linked with the real one.
#pragma once

#include "common/model/order.hpp"
#include "worker/risk/approved.hpp"

namespace bullpen::risk {

class RiskGate {
  public:
    static Approved<model::OrderTerms> approve_for_test(const model::OrderTerms& terms) {
        return Approved<model::OrderTerms>(terms);
    }
};

}  // namespace bullpen::risk

namespace bullpen::test {

inline risk::Approved<model::OrderTerms> approved(const model::OrderTerms& terms) {
    return risk::RiskGate::approve_for_test(terms);
}

}  // namespace bullpen::test
