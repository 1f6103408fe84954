// Compiled as it is, and then with each mistake, which must not compile. See CMakeLists.txt.
#include "worker/broker/broker.hpp"
#include "worker/market_data.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

class SomeBroker final : public Broker {
  public:
#ifdef BROKER_FOR_NOBODY
    SomeBroker() = default;
#else
    explicit SomeBroker(AccountContext& context) : Broker(context) {}
#endif
    Result<std::string> who_am_i() override {
        return std::string();
    }
};

void make(AccountContext& context) {
    MarketData data(context);
    Worker worker(context, nullptr);
    auto engine = Engine::create(context);
#ifdef BROKER_FOR_NOBODY
    SomeBroker broker;
#else
    SomeBroker broker(context);
#endif
#ifdef DATA_FOR_NOBODY
    MarketData nobodys;
#endif
#ifdef ENGINE_FOR_NOBODY
    auto nobodys = Engine();
#endif
#ifdef WORKER_FOR_NOBODY
    Worker nobodys(nullptr);
#endif
#ifdef CONTEXT_COPIED
    AccountContext second(context);
#endif
#ifdef CONTEXT_WITHOUT_LOCK
    auto lockless = AccountContext::open(context.home(), context.settings(), {}, context.files(),
                                         context.clock());
#endif
}

}  // namespace bullpen::worker
