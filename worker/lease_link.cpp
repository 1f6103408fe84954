#include "worker/lease_link.hpp"

#include "common/base/assert.hpp"
#include "ipc/codec.hpp"

namespace bullpen::worker {

Result<std::unique_ptr<LeaseLink>> LeaseLink::connect(AccountContext& context, ipc::Context& ipc,
                                                      const std::string& endpoint) {
    BULLPEN_ASSERT(context.launch().has_value(), "only a launched worker has a lease");
    BULLPEN_TRY(auto dealer, ipc::LeaseDealer::connect(
                                 ipc, endpoint, ipc::routing_id(context.id(), *context.launch())));
    return std::unique_ptr<LeaseLink>(new LeaseLink(std::move(dealer)));
}

void LeaseLink::receive(const std::function<void(const ipc::Message&)>& on_message,
                        const std::function<void(const Error&)>& on_bad) {
    for (int i = 0; i < k_messages_per_turn; ++i) {
        const auto frame = dealer_.receive();
        if (!frame)
            return;
        const auto message = ipc::decode(*frame);
        if (message)
            on_message(*message);
        else
            on_bad(message.error());
    }
}

bool LeaseLink::send(const ipc::Message& message) {
    return dealer_.send(ipc::encode(message)).has_value();
}

}  // namespace bullpen::worker
