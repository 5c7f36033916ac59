// How operations become functions of the addon.
#pragma once

#include <exception>

#include "arguments.h"
#include "kernels.h"

namespace fermata {

// Errors of C++ (memory that ran out, an instruction set that the machine lacks) become errors of JavaScript.
template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return Function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
void addFunction(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<Function>>(env, name));
}

// The same for operations that return nothing; the errors of their arguments begin with the operation's name.
template <void (*Operation)(const Arguments&)>
void addOperation(Napi::Env env, Napi::Object exports, const char* name) {
  const auto call = [name](const Napi::CallbackInfo& info) {
    try {
      Operation(Arguments(info, name));
    } catch (const Napi::Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), std::string(name) + ": " + error.what());
    }
  };
  exports.Set(name, Napi::Function::New(env, call, name));
}

void addModelOperations(Napi::Env env, Napi::Object exports);
void addArithmetic(Napi::Env env, Napi::Object exports);
void addSampler(Napi::Env env, Napi::Object exports);

}  // namespace fermata
