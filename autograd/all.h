// SPDX-License-Identifier: MIT
// Everything in autograd/, plus tensor/, which it is built on, in one include.
#pragma once

#include "autograd/attention.h"
#include "autograd/convolution.h"
#include "autograd/cross_entropy.h"
#include "autograd/dropout.h"
#include "autograd/elementwise.h"
#include "autograd/embedding.h"
#include "autograd/gradient_check.h"
#include "autograd/graph.h"
#include "autograd/layer_norm.h"
#include "autograd/matmul.h"
#include "autograd/recompute.h"
#include "autograd/reduce.h"
#include "autograd/rms_norm.h"
#include "autograd/rotary.h"
#include "autograd/shape.h"
#include "autograd/softmax.h"
#include "autograd/variable.h"
#include "tensor/all.h"
