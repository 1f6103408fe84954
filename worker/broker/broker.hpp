// Broker: the other side of an account, as a port. There is none yet: a worker observes. What is
// settled is that a broker is made with the context of one account and answers for that one only.
#pragma once

#include <string>

#include "worker/account_context.hpp"

namespace bullpen::worker {

class Broker {
  public:
    Broker() = delete;
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    virtual ~Broker() = default;

    // The broker account that the session is for, as the broker writes it; compared with the
    // context's before anything is sent.
    [[nodiscard]] virtual Result<std::string> who_am_i() = 0;

  protected:
    explicit Broker(AccountContext& context) : context_(context) {}
    [[nodiscard]] AccountContext& context() { return context_; }

  private:
    AccountContext& context_;
};

}  // namespace bullpen::worker
