// LeaseLink: the wire of a worker's lease; carries messages and nothing else. A worker started by
// hand has none.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "ipc/context.hpp"
#include "ipc/dealer.hpp"
#include "ipc/message.hpp"
#include "worker/account_context.hpp"

namespace bullpen::worker {

class LeaseLink {
  public:
    // Messages taken in one turn; the rest waits for the next.
    static constexpr int k_messages_per_turn = 64;

    // `ipc` outlives it. The context is of a worker that was launched.
    static Result<std::unique_ptr<LeaseLink>> connect(AccountContext& context, ipc::Context& ipc,
                                                      const std::string& endpoint);

    [[nodiscard]] int fd() const { return dealer_.fd(); }
    [[nodiscard]] bool connected() const { return dealer_.connected(); }
    // Whether a turn must follow at once: a wait on fd() would not wake for it.
    [[nodiscard]] bool pending() const { return dealer_.pending(); }
    // Hands over what has arrived; a frame that cannot be read goes to `on_bad`.
    void receive(const std::function<void(const ipc::Message&)>& on_message,
                 const std::function<void(const Error&)>& on_bad);
    // False when it could not be sent now; nothing is kept for later.
    bool send(const ipc::Message& message);

  private:
    explicit LeaseLink(ipc::LeaseDealer dealer) : dealer_(std::move(dealer)) {}
    ipc::LeaseDealer dealer_;
};

}  // namespace bullpen::worker
